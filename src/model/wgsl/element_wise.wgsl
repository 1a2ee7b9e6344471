// Stands before each kernel that does the same with every value; a thread has one, or four where their number allows it.

#each fours
alias Values = vec4f;
#end
#each ones
alias Values = f32;
#end

const COUNT = {{ count }}u;

