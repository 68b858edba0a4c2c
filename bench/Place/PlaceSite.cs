using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.Switch;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Bench.Place;

/// <summary>
/// A site of the production runtime and actors on a store, whose hosts are only what their agents would say of them.
/// </summary>
internal sealed class PlaceSite : IAsyncDisposable
{
    /// <summary>The one image.</summary>
    public const string Image = "tiny";

    private const string Hash = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>Hosts that join with tokens of the same time; a site keeps few tokens.</summary>
    private const int JoinTogether = 200;

    private const int ConnectTogether = 500;
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);
    private readonly ActorSystem _system;
    private readonly TimeProvider _time;
    private readonly SiteId _id = SiteId.From("s0123456789abcdef");

    private PlaceSite(IStore store, TimeProvider time)
    {
        _time = time;
        var codec = new MessageCodec(Wire.Types.Select(pair => (pair.Key, pair.Value)), Wire.Json);
        _system = new ActorSystem(store, codec, ActorSystem.NewIncarnation(), time)
            .AddActor(new SiteActor()).AddActor(new HostActor()).AddActor(new EnvironmentActor())
            .AddActor(Networks).AddActor(new SwitchActor()).AddEffects(new ObedientSwitches());
    }

    /// <summary>Where the environments' sagas rest.</summary>
    public HeldNetworks Networks { get; } = new();

    /// <summary>Hosts, in order of their joining.</summary>
    public List<HostId> Hosts { get; } = [];

    /// <summary>Turns, commits and actors so far.</summary>
    public SystemStats Stats => _system.Stats;

    private ActorKey Key => new(ActorKinds.Site, _id.Value);

    /// <summary>Starts a site on an empty store and connects its hosts.</summary>
    public static async Task<PlaceSite> StartAsync(
        IStore store, PlaceLoad load, TimeProvider time, CancellationToken cancel)
    {
        var site = new PlaceSite(store, time);
        await site._system.StartAsync(cancel);
        await site.AskAsync(site.Key, new InitialiseSite(site._id, "bench"), Principal.System, cancel);
        await site.AskAsync(site.Key, new PutImage(new ImageDefinition(
            Image, new Blob(new string('a', 64), 1 << 20), new Blob(new string('b', 64), 1 << 20), null, "quiet")),
            Admin, cancel);
        foreach (var names in Enumerable.Range(0, load.Hosts).Chunk(JoinTogether))
            await site.JoinAsync(names, cancel);
        foreach (var some in site.Hosts.Chunk(ConnectTogether))
            await Task.WhenAll(some.Select(host => site.ConnectAsync(host, load.HostMiB, cancel)));
        await site.SettleAsync(cancel);
        return site;
    }

    /// <summary>Asks for an environment; gives its id once that is durable.</summary>
    public async Task<EnvironmentId> ApplyAsync(EnvironmentSpec spec, CancellationToken cancel)
    {
        var reply = await AskAsync(Key, new ApplySpec(spec, Admin.Name, DryRun: false), Admin, cancel);
        return ((ApplyAccepted)reply!).Environment;
    }

    /// <summary>The committed state of an environment; null before its first turn.</summary>
    public Task<EnvironmentState?> ReadAsync(EnvironmentId environment, CancellationToken cancel) =>
        _system.ReadAsync<EnvironmentState>(new ActorKey(ActorKinds.Environment, environment.Value), cancel);

    /// <summary>The committed ledger of a host.</summary>
    public async Task<HostState> ReadAsync(HostId host, CancellationToken cancel) =>
        await _system.ReadAsync<HostState>(new ActorKey(ActorKinds.Host, host.Value), cancel)
            ?? throw new BenchException($"Host {host} has no ledger.");

    /// <summary>Waits until no message is on its way.</summary>
    public async Task SettleAsync(CancellationToken cancel)
    {
        // A turn more or none between two looks: what one turn sends is taken before the next look.
        for (var (turns, quiet) = (-1L, 0); quiet < 5; await Task.Delay(Again, _time, cancel))
        {
            var now = _system.Stats;
            quiet = now.Turns == turns && now.MailboxDepth == 0 ? quiet + 1 : 0;
            turns = now.Turns;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _system.DisposeAsync();

    private static Principal Admin { get; } = new("root", Role.Admin);

    private async Task JoinAsync(int[] numbers, CancellationToken cancel)
    {
        // The tokens must have expired before the next ones: a site keeps also used ones that long.
        var expires = _time.GetUtcNow() + TokenLifetime;
        await Task.WhenAll(numbers.Select(number => AskAsync(
            Key, new IssueJoinToken($"t{number}", Hash, Role.Agent, $"h{number}", expires), Admin, cancel)));
        var joined = await Task.WhenAll(numbers.Select(async number => (JoinAccepted)(await AskAsync(
            Key, new RedeemJoinToken($"t{number}", Hash, Hash), Principal.System, cancel))!));
        Hosts.AddRange(joined.Select(one => one.Host));
        var left = expires + Again - _time.GetUtcNow();
        if (left > TimeSpan.Zero) await Task.Delay(left, _time, cancel);
    }

    private Task ConnectAsync(HostId host, int memoryMiB, CancellationToken cancel) => AskAsync(
        new ActorKey(ActorKinds.Host, host.Value), new HostConnected(host, new HostFacts
        {
            Name = host.Value,
            MemoryMiB = memoryMiB,
            Cores = 64,
            DiskMiB = 1_000_000,
            Hypervisor = "sim 1",
            MachineTypes = ["pc-q35-7.2"],
            CpuModels = ["qemu64"],
            SwitchEndpoint = $"{host}:1",
            MoveEndpoint = $"{host}:2",
        }, [], _id), new Principal(host.Value, Role.Agent), cancel);

    /// <summary>Asks again while the runtime says that it is busy, as its callers do.</summary>
    private async Task<object?> AskAsync(ActorKey to, object message, Principal by, CancellationToken cancel)
    {
        while (true)
        {
            var result = await _system.AskAsync(to, message, by.ToString(), null, cancel);
            if (result.Refusal is { } refusal) throw new BenchException($"{refusal.Reason} {refusal.Remedy}");
            if (result.Busy is null) return result.Reply;
            await Task.Delay(Again, _time, cancel);
        }
    }
}
