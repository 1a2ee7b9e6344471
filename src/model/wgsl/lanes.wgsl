#each fours
alias Values = vec4f;
#end
#each ones
alias Values = f32;
#end

