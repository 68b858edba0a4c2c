namespace VioActors.Daemon.Lab;

/// <summary>One process the lab starts, watches and restarts.</summary>
internal sealed record LabProcess
{
    /// <summary>Name inside the lab: a machine's name, a slash, a word, for example <c>h1/agent</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The machine in whose namespaces it runs.</summary>
    public required LabMachine Machine { get; init; }

    /// <summary>Program and arguments, with paths as seen inside the machine.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Variables added to a small clean environment (PATH, HOME, the lab's marker).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>User and group id to run as; null means root. Supplementary groups are always dropped.</summary>
    public int? UserId { get; init; }

    /// <summary>Capabilities kept by a process that is not root, without the CAP_ prefix: <c>net_admin</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Whether it is started again when it ends by itself or is killed.</summary>
    public bool Restart { get; init; } = true;

    /// <summary>The command with the change of user in front.</summary>
    public IReadOnlyList<string> FullCommand => UserId is not { } uid
        ? Command
        :
        [
            "setpriv", $"--reuid={uid}", $"--regid={uid}", "--clear-groups", "--no-new-privs",
            .. Capabilities.Count == 0
                ? ["--inh-caps=-all", "--bounding-set=-all"]
                : new[] { "--inh-caps=-all" + Kept, "--ambient-caps=-all" + Kept, "--bounding-set=-all" + Kept },
            "--", .. Command,
        ];

    private string Kept => string.Concat(Capabilities.Select(capability => ",+" + capability));
}
