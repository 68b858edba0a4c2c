using System.CommandLine;
using VioActors.Contracts.Api;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>
/// Which switches a command looks at: <c>--socket</c> names one of this machine, <c>--host</c> one of the site; without
/// both it is the installed one of this machine, else all of the site.
/// </summary>
internal static class SwitchSources
{
    /// <summary><c>--socket</c>.</summary>
    public static readonly Option<string?> Socket = new("--socket")
    {
        Description = $"Control socket of a switch on this machine. Default, when it is there: "
            + LocalSwitch.DefaultSocket + ".",
        HelpName = "path",
    };

    /// <summary><c>--host</c>, with names that the server knows.</summary>
    public static Option<string?> HostOf(CliHost host) => new("--host")
    {
        Description = "A host of the site, asked through the server.",
        HelpName = "host",
        CompletionSources = { Completions.Hosts(host) },
    };

    /// <summary>One switch, or null when neither option is given and none is installed here.</summary>
    public static async Task<ISwitchView?> OneAsync(CliSession session, string? host)
    {
        var socket = session.Parse.GetValue(Socket);
        if (socket is not null && host is not null)
            throw new UsageException("--socket and --host name two switches.", "Leave one of them out.");
        if (host is not null) return new RemoteSwitch(session.Api, host);
        var asksServer = session.Parse.GetValue(CommonOptions.Server) is not null;
        if (socket is null && !asksServer && File.Exists(LocalSwitch.DefaultSocket))
            socket = LocalSwitch.DefaultSocket;
        return socket is null ? null : await LocalSwitch.ConnectAsync(socket, session.Cancel);
    }

    /// <summary>The switches, at least one.</summary>
    public static async Task<IReadOnlyList<ISwitchView>> AllAsync(CliSession session, string? host)
    {
        if (await OneAsync(session, host) is { } one) return [one];
        var hosts = await session.Api.HostsAsync(session.Cancel);
        var connected = hosts.Where(machine => machine.Status == "connected").ToList();
        return connected.Count == 0
            ? throw new UsageException(
                "No host of the site is connected, and no switch is installed on this machine.",
                "Start an agent; 'vio host ls' shows them.")
            : [.. connected.Select(machine => new RemoteSwitch(session.Api, machine.Name))];
    }

    /// <summary>The status of each that answers; what the others said goes to standard error.</summary>
    /// <exception cref="CliException">None answers.</exception>
    public static async Task<IReadOnlyList<SwitchStatus>> StatusesAsync(
        CliSession session, IReadOnlyList<ISwitchView> switches)
    {
        var looks = switches.Select(one => one.StatusAsync(session.Cancel)).ToList();
        var found = new List<SwitchStatus>();
        CliException? last = null;
        foreach (var look in looks)
        {
            try
            {
                found.Add(await look);
            }
            catch (CliException failed)
            {
                if (switches.Count > 1) session.Out.Note(failed.Message);
                last = failed;
            }
        }

        return found.Count > 0 || last is null ? found : throw last;
    }

    /// <summary>The hosts of the site that have a port with this TAP, node, MAC or address.</summary>
    public static async Task<IReadOnlyList<ISwitchView>> WithPortAsync(CliSession session, string port)
    {
        var statuses = await StatusesAsync(session, await AllAsync(session, host: null));
        return
        [
            .. statuses.Where(status => status.Environments.Any(environment => environment.Ports.Any(has =>
                    has.Tap == port || environment.Nodes.Any(node => node.Node == has.Node
                        && (node.Node == port || node.Mac == port || node.Ip == port)))))
                .Select(status => new RemoteSwitch(session.Api, status.HostId)),
        ];
    }

    /// <summary>Names for ids, when a server can be asked; none otherwise.</summary>
    public static async Task<SwitchNames> NamesAsync(CliSession session, IEnumerable<ISwitchView> switches) =>
        switches.Any(one => one is RemoteSwitch)
            ? new SwitchNames(
                await session.Api.HostsAsync(session.Cancel), await session.Api.EnvironmentsAsync(session.Cancel))
            : new SwitchNames([], []);
}

/// <summary>Names of hosts, environments and nodes for their ids. What has none is shown by the start of its id.
/// </summary>
internal sealed class SwitchNames
{
    private const int ShownOfAnId = 8;
    private const string Prober = "prober:";
    private readonly Dictionary<string, string> _names = [];

    /// <summary>Takes the names that a server knows.</summary>
    public SwitchNames(IEnumerable<HostView> hosts, IEnumerable<EnvironmentView> environments)
    {
        foreach (var host in hosts) _names[host.Id.Value] = host.Name;
        foreach (var environment in environments)
        {
            _names[environment.Id.Value] = environment.Name;
            foreach (var node in environment.Nodes) _names[node.Id.Value] = node.Name;
        }
    }

    /// <summary>What people read.</summary>
    public string Of(string id) => id.StartsWith(Prober, StringComparison.Ordinal)
        ? "prober of " + Of(id[Prober.Length..])
        : _names.TryGetValue(id, out var name) ? name
        : Guid.TryParseExact(id, "D", out _) ? id[..ShownOfAnId] : id;
}
