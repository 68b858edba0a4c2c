using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>
/// Two hosts, each a network namespace, joined by a veth of MTU 1500. Owns everything that systems make in them:
/// namespaces, processes and files are gone when this is disposed.
/// </summary>
internal sealed class Underlay : IAsyncDisposable
{
    private const string Prefix = "vioov";
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(5);
    private readonly string _prefix = $"{Prefix}{Environment.ProcessId}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-");
    private readonly List<string> _namespaces = [];
    private readonly List<OverlayDaemon> _daemons = [];

    private Underlay(TimeProvider time) => (Time, Runner) = (time, new ProcessRunner(time));

    /// <summary>The link between the hosts, in both.</summary>
    public const string Link = "under0";

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Runs programs.</summary>
    public ProcessRunner Runner { get; }

    /// <summary>The host that sends.</summary>
    public string A => _prefix + "a";

    /// <summary>The host that receives.</summary>
    public string B => _prefix + "b";

    /// <summary>Address of a host on the link.</summary>
    public string AddressOf(string host) => host == A ? "10.77.0.1" : "10.77.0.2";

    /// <summary>The other host.</summary>
    public string Other(string host) => host == A ? B : A;

    /// <summary>Builds it; what a killed run left is removed first.</summary>
    public static async Task<Underlay> BuildAsync(TimeProvider time, CancellationToken cancel)
    {
        var made = new Underlay(time);
        try
        {
            await new OverlayRemains(made.Runner, Prefix).RemoveAsync(cancel);
            await made.AddNamespaceAsync("a", cancel);
            await made.AddNamespaceAsync("b", cancel);
            await made.IpAsync(
                $"link add {Link} netns {made.A} mtu 1500 type veth peer name {Link} netns {made.B} mtu 1500", cancel);
            foreach (var host in (string[])[made.A, made.B])
            {
                await made.IpAsync($"-n {host} address add {made.AddressOf(host)}/24 dev {Link}", cancel);
                await made.IpAsync($"-n {host} link set {Link} up", cancel);
            }

            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes one more namespace, with its loopback up; gives its name.</summary>
    public async Task<string> AddNamespaceAsync(string name, CancellationToken cancel)
    {
        var full = _prefix + name;
        await IpAsync($"netns add {full}", cancel);
        _namespaces.Add(full);
        await IpAsync($"-n {full} link set lo up", cancel);
        return full;
    }

    /// <summary>Where a namespace is in the file system.</summary>
    public static string PathOf(string name) => "/run/netns/" + name;

    /// <summary>Makes a directory for a system's files, on one host or for both.</summary>
    public string NewDirectory(string name)
    {
        var path = Path.Combine(_directory.FullName, name);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Runs <c>ip</c> with words that hold no spaces.</summary>
    public Task IpAsync(string words, CancellationToken cancel) =>
        Runner.RunAsync(new ProcessCommand("ip", words.Split(' ')), cancel);

    /// <summary>Runs a program in a namespace to its end, and gives what it printed.</summary>
    public Task<string> RunAsync(string space, CancellationToken cancel, params IReadOnlyList<string> command) =>
        Runner.RunAsync(new ProcessCommand("ip", ["netns", "exec", space, .. command]), cancel);

    /// <summary>Starts a program in a namespace; it ends with this object.</summary>
    public OverlayDaemon Start(string space, string name, params IReadOnlyList<string> command)
    {
        var daemon = new OverlayDaemon(space, Path.Combine(_directory.FullName, name + ".log"), command);
        _daemons.Add(daemon);
        return daemon;
    }

    /// <summary>Ends a program before this object does, and forgets its log.</summary>
    public async Task EndAsync(OverlayDaemon daemon)
    {
        await daemon.EndAsync(EndTime, Time);
        _daemons.Remove(daemon);
        File.Delete(daemon.Log);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons) await daemon.EndAsync(EndTime, Time);
        foreach (var space in _namespaces)
            await Runner.TryAsync(new ProcessCommand("ip", "netns", "delete", space), CancellationToken.None);
        _directory.Delete(recursive: true);
    }
}
