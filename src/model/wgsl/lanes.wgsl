// Stands before each kernel whose threads take one channel, or four where their number is a multiple of four.

#each fours
alias Values = vec4f;
#end
#each ones
alias Values = f32;
#end

