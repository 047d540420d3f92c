/** By shell, the script that asks `pluginkit __complete` for what the last word can become; else files are completed. */
export const SCRIPTS = {
  bash: `# eval "$(pluginkit completion bash)"
_pluginkit() {
  local IFS=$'\\n'
  COMPREPLY=($(pluginkit __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _pluginkit pluginkit`,
  zsh: `#compdef pluginkit
# eval "$(pluginkit completion zsh)"
_pluginkit() {
  local -a found
  found=("\${(@f)$(pluginkit __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _pluginkit pluginkit`,
  fish: `# pluginkit completion fish | source
function __pluginkit_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  pluginkit __complete -- $words[2..] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command pluginkit --arguments '(__pluginkit_complete)'`,
} as const;
