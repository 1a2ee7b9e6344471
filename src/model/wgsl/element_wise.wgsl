// Stands before each kernel that treats all values alike. A thread takes one value, or four if their number is a
// multiple of four.

#each fours
alias Values = vec4f;
#end
#each ones
alias Values = f32;
#end

const COUNT = {{ count }}u;

