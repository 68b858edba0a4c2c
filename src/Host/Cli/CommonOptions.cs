using System.CommandLine;

namespace VioActors.Daemon.Cli;

/// <summary>Options that every verb of the client has.</summary>
internal static class CommonOptions
{
    /// <summary><c>--json</c>.</summary>
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Write one JSON document (or one per line) to standard output instead of tables.",
        Recursive = true,
    };

    /// <summary><c>--server</c>.</summary>
    public static readonly Option<string?> Server = new("--server")
    {
        Description = "The server: unix:/path or https://host:port. "
            + "Default: VIO_SERVER, ~/.config/vio/client.json, the running lab.",
        HelpName = "address",
        Recursive = true,
    };

    /// <summary><c>--detach</c>, on verbs that start long work.</summary>
    public static readonly Option<bool> Detach = new("--detach")
    {
        Description = "Return at once with the operation's id instead of waiting for its end.",
    };

    /// <summary>A group of client verbs with the common options.</summary>
    public static Command Group(string name, string description, params Command[] verbs)
    {
        var group = new Command(name, description);
        group.Options.Add(Json);
        group.Options.Add(Server);
        foreach (var verb in verbs) group.Subcommands.Add(verb);
        return group;
    }
}
