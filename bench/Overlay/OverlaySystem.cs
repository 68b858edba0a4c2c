namespace VioActors.Bench.Overlay;

/// <summary>What a system is in the comparison.</summary>
internal enum SystemKind
{
    /// <summary>Our switch.</summary>
    Ours,

    /// <summary>A path of the kernel, not encrypted: nothing over it can be faster.</summary>
    Ceiling,

    /// <summary>Another overlay in user space.</summary>
    Peer,

    /// <summary>A build that the caller gave; no part of "the best peer".</summary>
    Given,
}

/// <summary>One end of a path.</summary>
/// <param name="Space">The namespace in which programs run.</param>
/// <param name="Device">The interface that leads to the other end.</param>
/// <param name="Address">What the other end knows.</param>
internal readonly record struct PathEnd(string Space, string Device, string Address);

/// <summary>
/// One way to send frames from host A to host B. Each system has its own addresses: 10.78.N.1 and .2.
/// </summary>
internal abstract class OverlaySystem(string name, SystemKind kind, int number)
{
    /// <summary>How it is called in figures.</summary>
    public string Name { get; } = name;

    /// <summary>What it is.</summary>
    public SystemKind Kind { get; } = kind;

    /// <summary>What it says about itself; set by <see cref="StartAsync"/>.</summary>
    public string Version { get; protected set; } = "";

    /// <summary>The end that sends; set by <see cref="StartAsync"/>.</summary>
    public PathEnd Near { get; protected set; }

    /// <summary>The end that receives; set by <see cref="StartAsync"/>.</summary>
    public PathEnd Far { get; protected set; }

    /// <summary>Its processes that carry frames, one for each host; none for the kernel's.</summary>
    public List<OverlayDaemon> Daemons { get; } = [];

    /// <summary>Its number, for ports and names that must differ.</summary>
    protected int Number { get; } = number;

    /// <summary>The program that must be installed; null when there is none.</summary>
    public virtual string? Program => null;

    /// <summary>The program that prints its version, with its arguments; none when it has none.</summary>
    public virtual IReadOnlyList<string> VersionCommand => [];

    /// <summary>Starts both ends. The path may need some more time until it carries anything.</summary>
    public abstract Task StartAsync(Underlay under, CancellationToken cancel);

    /// <summary>Notes what its program said about itself.</summary>
    public void Described(string version) => Version = version;

    /// <summary>Address of one end.</summary>
    protected string Inner(bool near) => $"10.78.{Number}.{(near ? 1 : 2)}";

    /// <summary>Name of the interface; it is in the name of a socket outside of the namespaces, too.</summary>
    protected string Device(bool near) => $"ov{Number}p{Environment.ProcessId % 100_000}{(near ? 'a' : 'b')}";

    /// <summary>Says that the ends are the hosts themselves.</summary>
    protected void EndsAreHosts(Underlay under) =>
        (Near, Far) = (new PathEnd(under.A, Device(near: true), Inner(near: true)),
            new PathEnd(under.B, Device(near: false), Inner(near: false)));

    /// <summary>Waits until a daemon made its interface, then gives it its address and brings it up.</summary>
    protected async Task ConfigureAsync(
        Underlay under, string host, OverlayDaemon daemon, int? mtu, CancellationToken cancel)
    {
        var device = Device(host == under.A);
        await OverlayWait.UntilAsync($"{Name} made {device}", under.Time, async () =>
        {
            daemon.CheckAlive();
            var look = await under.Runner.TryAsync(
                new("ip", "-n", host, "link", "show", "dev", device), cancel);
            return look.ExitCode == 0;
        }, cancel);
        if (mtu is { } bytes) await under.IpAsync($"-n {host} link set {device} mtu {bytes}", cancel);
        await under.IpAsync($"-n {host} address replace {Inner(host == under.A)}/24 dev {device}", cancel);
        await under.IpAsync($"-n {host} link set {device} up", cancel);
    }
}
