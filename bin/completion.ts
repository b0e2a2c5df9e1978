import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Returns a script with which a shell completes the program's commands, options and
 * choices.
 */
export function completionScript(program: Command, shell: Shell): string {
  const name = program.name();
  return shell === "fish" ? fish(program, name) : bash(program, name, shell);
}

/** zsh runs the same script in its own emulation of bash. */
function bash(program: Command, name: string, shell: "bash" | "zsh"): string {
  const id = name.replace(/\W/g, "_");
  const commands = program.commands.map((each) => each.name());
  const choices = new Map(
    program.commands
      .flatMap(({ options }) => options)
      .flatMap(({ long, argChoices }) =>
        argChoices ? [[String(long), argChoices.join(" ")] as const] : [],
      ),
  );
  const cases = program.commands.map(
    (each) => `    ${each.name()}) words="${longNames(each).join(" ")}" ;;`,
  );
  const values = [...choices].map(
    ([long, words]) =>
      `    ${long}) COMPREPLY=($(compgen -W "${words}" -- "$word")); return ;;`,
  );
  return `${shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : ""}_${id}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.join(" ")}" -- "$word"))
    return
  fi
  case "$before" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _${id} ${name}
`;
}

function fish(program: Command, name: string): string {
  const lines = program.commands.flatMap((command) => [
    `complete -c ${name} -f -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`,
    ...command.options.map((option) =>
      fishOption(name, command.name(), option),
    ),
  ]);
  return `${lines.join("\n")}\n`;
}

function fishOption(name: string, command: string, option: Option): string {
  const { argChoices, required, description } = option;
  const values = argChoices
    ? ` -x -a ${quoted(argChoices.join(" "))}`
    : required
      ? " -r"
      : "";
  const long = String(option.long).slice(2);
  return `complete -c ${name} -n '__fish_seen_subcommand_from ${command}' -l ${long}${values} -d ${quoted(description)}`;
}

function longNames({ options }: Command): string[] {
  return options.flatMap(({ long }) => long ?? []);
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
