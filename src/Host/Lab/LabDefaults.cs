namespace VioActors.Daemon.Lab;

/// <summary>The processes a lab runs unless told otherwise.</summary>
internal static class LabDefaults
{
    /// <summary>
    /// virtlogd and libvirtd of a host, with the empty configuration the lab wrote.
    /// </summary>
    public static IEnumerable<LabProcess> Libvirt(LabMachine host) =>
    [
        new LabProcess { Name = $"{host.Name}/virtlogd", Machine = host, Command = ["virtlogd"] },
        new LabProcess { Name = $"{host.Name}/libvirtd", Machine = host, Command = ["libvirtd"] },
    ];

    /// <summary><c>vio server --config FILE</c>, as the lab's unprivileged user.</summary>
    public static LabProcess Server(LabPlan plan, VioProgram program) => new()
    {
        Name = "server",
        Machine = plan.Server,
        Command = [.. program.Command, "server", "--config", "/etc/vio/site.json"],
        Environment = program.Environment,
        UserId = plan.UserId,
    };

    /// <summary><c>vio agent --config FILE</c>, as root: it makes links and talks to libvirtd.</summary>
    public static LabProcess Agent(LabMachine host, VioProgram program) => new()
    {
        Name = $"{host.Name}/agent",
        Machine = host,
        Command = [.. program.Command, "agent", "--config", "/etc/vio/agent.json"],
        Environment = program.Environment,
    };
}
