using System.CommandLine;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio completion SHELL</c>: a script that lets a shell complete verbs, options and values.</summary>
internal static class CompletionVerb
{
    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion", "Prints a completion script, for example: source <(vio completion bash)") { shell };
        command.SetAction(parse =>
        {
            host.Out.Write(parse.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCode.Done;
        });
        return command;
    }

    private const string Bash =
        """
        _vio() {
            local IFS=$'\n' found names word="${COMP_WORDS[COMP_CWORD]}"
            found="$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
            # Options only for who began one, or where nothing else is possible.
            names="$(grep -v '^[-/]' <<<"${found}")"
            [[ ${word} == -* || -z ${names} ]] || found="${names}"
            COMPREPLY=($(compgen -W "${found}" -- "${word}"))
        }
        complete -o default -F _vio vio

        """;

    private const string Zsh =
        """
        _vio() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            [[ ${words[CURRENT]} == -* || -z ${found:#[-/]*} ]] || found=(${found:#[-/]*})
            compadd -a found
        }
        compdef _vio vio

        """;

    private const string Fish =
        """
        function __vio_complete
            set -l line (commandline -cp)
            vio "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c vio -a "(__vio_complete)"

        """;
}
