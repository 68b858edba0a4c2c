using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Host;
using VioActors.Actors.Host.Agent;
using VioActors.Actors.Site;
using VioActors.Actors.Switch;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;
using VioActors.Simulation.Time;

namespace VioActors.Simulation.Site;

/// <summary>
/// A whole site in one thread: the production runtime, actors and agents on a store, a network and hypervisors that are
/// simulated. The server and the agents die and come back; the store and the hosts stay.
/// </summary>
public sealed class SimSite
{
    private readonly VirtualLoop _loop;
    private readonly Dictionary<HostId, SimAgent> _agents = [];
    private readonly List<Task> _absences = [];

    /// <param name="loop">The simulation's thread and clock.</param>
    /// <param name="seed">Names requests and lives.</param>
    /// <param name="chaos">Which faults happen.</param>
    /// <param name="speeds">How fast machines are; null for the usual, with the chaos' speed of copies.</param>
    public SimSite(VirtualLoop loop, int seed, SimChaos chaos, SimSpeeds? speeds = null)
    {
        _loop = loop;
        Chaos = chaos;
        World = new SimWorld(loop.Time, speeds ?? new SimSpeeds { CopyMiBps = chaos.CopyMiBps });
        var store = new MemoryStore(loop.Time, shardCount: 4);
        store.Faults.OnCommit = _ => Fate();
        Server = new SimServer(loop, store, Codec, seed, Register);
    }

    /// <summary>Names of everything that is stored or sent.</summary>
    public static MessageCodec Codec { get; } = new(Wire.Types.Select(pair => (pair.Key, pair.Value)), Wire.Json);

    /// <summary>The server.</summary>
    public SimServer Server { get; }

    /// <summary>The site.</summary>
    public SiteId Id { get; } = SiteId.From("s0123456789abcdef");

    /// <summary>The truth about machines.</summary>
    public SimWorld World { get; }

    /// <summary>The faults.</summary>
    public SimChaos Chaos { get; }

    /// <summary>Hosts, in order of their addition.</summary>
    public IReadOnlyList<HostId> Hosts => [.. _agents.Keys];

    internal TimeProvider Time => _loop.Time;

    internal SimAgent Agent(HostId host) => _agents[host];

    /// <summary>Starts the server and connects the hosts. Run it on the loop.</summary>
    /// <param name="hosts">How many.</param>
    /// <param name="memoryMiB">Of each.</param>
    public async Task StartAsync(int hosts, int memoryMiB)
    {
        await Server.StartAsync();
        await AskAsync(SiteKey, new InitialiseSite(Id, "sim"), Principal.System);
        for (var i = 0; i < hosts; i++)
        {
            var id = await JoinAsync($"{(char)('a' + i)}");
            _agents.Add(id, new SimAgent(World.AddHost(id, cores: 2, memoryMiB)));
        }

        await AskAsync(SiteKey, new PutImage(new ImageDefinition(
            "tiny", new Blob(new string('a', 64), 1 << 20), new Blob(new string('b', 64), 1 << 20),
            null, "quiet")), Admin);
        foreach (var host in Hosts) await ConnectAsync(host);
    }

    /// <summary>An administrator.</summary>
    public static Principal Admin { get; } = new("root", Role.Admin);

    /// <summary>The site's actor.</summary>
    public ActorKey SiteKey => new(ActorKinds.Site, Id.Value);

    /// <summary>Asks an actor until the answer is known, over any number of server lives.</summary>
    /// <inheritdoc cref="SimServer.AskAsync"/>
    public Task<AskResult> AskAsync(ActorKey to, object message, Principal by, Func<bool>? stillTrue = null) =>
        Server.AskAsync(to, message, by.ToString(), stillTrue);

    /// <summary>The committed state of an actor, from whichever server lives.</summary>
    public Task<TState?> ReadAsync<TState>(ActorKey actor) where TState : class => Server.ReadAsync<TState>(actor);

    /// <summary>Hosts that an operator declared off at any time: their rooms were freed unasked.</summary>
    public HashSet<HostId> DeclaredOff { get; } = [];

    /// <summary>Every event so far, oldest first.</summary>
    public Task<IReadOnlyList<JournalRow>> JournalAsync() => Server.Store.ReadJournalAsync(0, int.MaxValue);

    /// <summary>Messages that no turn could digest; empty in a correct system.</summary>
    public async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync() => await Server.Store.ReadDeadLettersAsync(100);

    /// <summary>Ends the server without a word; another starts a moment later.</summary>
    public void CrashServer()
    {
        if (!Server.Crash()) return;
        if (IsCopying) Chaos.Note("server crash during a copy");
        _ = _loop.Start(RestartAsync);
    }

    /// <summary>Starts the server after its end; every host that is there says hello.</summary>
    public async Task StartServerAsync()
    {
        await Server.StartAsync();
        foreach (var host in Hosts) await ConnectAsync(host);
    }

    /// <summary>Ends a host's agent without a word; another says hello a moment later.</summary>
    public void CrashAgent(HostId host)
    {
        if (_agents[host].Host.IsCopying) Chaos.Note("agent crash during a copy");
        _agents[host].Crash();
        _ = _loop.Start(async () =>
        {
            await Task.Delay(Chaos.Pause(1500), Time);
            await ConnectAsync(host);
        });
    }

    /// <summary>The host's agent says hello, with all that it knows of.</summary>
    public async Task ConnectAsync(HostId host)
    {
        var agent = _agents[host];
        if (agent.AwaySince is not null) return;
        var line = agent.Line;
        if (await InventoryAsync(agent, line) is not { } nodes) return;
        await AskAsync(
            new ActorKey(ActorKinds.Host, host.Value), new HostConnected(host, agent.Facts, [.. nodes], Id),
            new Principal(host.Value, Role.Agent), () => !line.IsCancellationRequested);
    }

    /// <summary>What the host sees, asked again while it cannot tell; null when the connection broke.</summary>
    private async Task<IReadOnlyList<NodeObservation>?> InventoryAsync(SimAgent agent, CancellationToken line)
    {
        while (!line.IsCancellationRequested)
        {
            try
            {
                return await agent.InventoryAsync();
            }
            catch (HypervisorException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), Time);
            }
        }

        return null;
    }

    /// <summary>The connection to a host's agent is gone.</summary>
    public Task DisconnectAsync(HostId host) => AskAsync(
        new ActorKey(ActorKinds.Host, host.Value), new HostDisconnected(host), new Principal(host.Value, Role.Agent));

    /// <summary>
    /// The connection to a host is lost, for less or for longer than the grace; then its agent says hello.
    /// </summary>
    public void LoseHost(HostId host)
    {
        if (_agents[host].AwaySince is not null) return;
        if (_agents[host].Host.IsCopying) Chaos.Note("host away during a copy");
        _agents[host].Leave(Time.GetUtcNow());
        _absences.Add(_loop.Start(() => StayAwayAsync(host, Chaos.Pause(60_000))));
    }

    /// <summary>
    /// A host loses its power. Either it comes back with nothing running, or an administrator declares it off; of a
    /// host that was declared off, every other one comes back late.
    /// </summary>
    public void KillHost(HostId host)
    {
        var agent = _agents[host];
        if (agent.AwaySince is not null) return;
        agent.Host.Kill();
        agent.Crash();
        agent.Leave(Time.GetUtcNow());
        _absences.Add(_loop.Start(() => BeDeadAsync(host)));
    }

    /// <summary>A host loses its power, and stays off until it is <see cref="BringBackAsync"/>.</summary>
    public void PowerOff(HostId host)
    {
        _agents[host].Host.Kill();
        _agents[host].Crash();
        Disconnect(host);
    }

    /// <summary>
    /// The connection to a host's agent is lost, and stays so until it is <see cref="BringBackAsync"/>; after the grace
    /// the host is told away.
    /// </summary>
    public void Disconnect(HostId host)
    {
        var agent = _agents[host];
        var since = Time.GetUtcNow();
        agent.Leave(since);
        _ = _loop.Start(async () =>
        {
            await Task.Delay(SimFabric.Grace, Time);
            if (agent.AwaySince == since) await DisconnectAsync(host);
        });
    }

    /// <summary>A host is on and connected again, with what runs there.</summary>
    public async Task BringBackAsync(HostId host)
    {
        var agent = _agents[host];
        if (agent.Host.IsDead) agent.Host.Revive();
        agent.Return();
        await ConnectAsync(host);
    }

    /// <summary>Waits until every host that comes back is back.</summary>
    internal Task ReturnAsync() => Task.WhenAll(_absences);

    /// <summary>A host that may lose its power now, drawn; null while one is dead already.</summary>
    internal HostId? Mortal
    {
        get
        {
            var alive = _agents.Values.Where(agent => agent.AwaySince is null).ToList();
            return _agents.Values.Any(agent => agent.Host.IsDead) || alive.Count == 0
                ? null
                : alive[Chaos.Pick(alive.Count)].Host.Id;
        }
    }

    /// <summary>Everything that runs, and where.</summary>
    internal IReadOnlyList<(HostId Host, NodeId Node)> Machines =>
        [.. _agents.Keys.SelectMany(host => World.Find(host)!.Machines.Select(node => (host, node)))];

    /// <summary>A guest ends by itself; its host tells so, or its next hello does.</summary>
    internal void EndMachine(HostId host, NodeId node)
    {
        if (!World.Find(host)!.EndMachine(node)) return;
        _ = _loop.Start(async () =>
        {
            await Task.Delay(Chaos.Pause(5000), Time);
            if (Chaos.Pick(2) == 0)
                await ConnectAsync(host);
            else if (_agents[host].AwaySince is null)
                await AskAsync(new ActorKey(ActorKinds.Host, host.Value), new HostNodesEnded(host, [node]),
                    new Principal(host.Value, Role.Agent), () => _agents[host].AwaySince is null);
        });
    }

    internal bool IsCopying => _agents.Values.Any(agent => agent.Host.IsCopying);

    private async Task StayAwayAsync(HostId host, TimeSpan away)
    {
        await Task.Delay(away < SimFabric.Grace ? away : SimFabric.Grace, Time);
        if (away > SimFabric.Grace)
        {
            Chaos.Note("host told away");
            await DisconnectAsync(host);
            await Task.Delay(away - SimFabric.Grace, Time);
        }

        _agents[host].Return();
        await ConnectAsync(host);
    }

    private async Task BeDeadAsync(HostId host)
    {
        await Task.Delay(SimFabric.Grace, Time);
        await DisconnectAsync(host);
        await Task.Delay(Chaos.Pause(20_000), Time);
        if (Chaos.Pick(2) == 0)
        {
            var actor = new ActorKey(ActorKinds.Host, host.Value);
            DeclaredOff.Add(host);
            var fenced = await AskAsync(actor, new FenceHost(host), Admin);
            if (fenced.Refusal is { } refusal)
                throw new SimViolationException($"a dead host cannot be fenced: {refusal.Reason}");
            Chaos.Note("host fenced");
            if (Chaos.Pick(2) == 0) return;
            await Task.Delay(Chaos.Pause(60_000), Time);
            Chaos.Note("fenced host back");
        }

        _agents[host].Host.Revive();
        _agents[host].Return();
        await ConnectAsync(host);
    }

    private async Task RestartAsync()
    {
        await Task.Delay(Chaos.Pause(3000), Time);
        if (!Server.IsAlive) await StartServerAsync();
    }

    private void Register(ActorSystem server)
    {
        var fabric = new SimFabric(this);
        server.AddActor(new SiteActor()).AddActor(new HostActor()).AddActor(new EnvironmentActor())
            .AddActor(new NetworkActor()).AddActor(new SwitchActor()).AddActor(new AdaptationActor())
            .AddEffects(fabric.Agents).AddEffects(fabric.Switches);
    }

    private async Task<HostId> JoinAsync(string name)
    {
        var secret = new string('0', 64);
        var expires = Time.GetUtcNow().AddMinutes(10);
        await AskAsync(SiteKey, new IssueJoinToken($"token-{name}", secret, Role.Agent, name, expires), Admin);
        var joined = await AskAsync(SiteKey, new RedeemJoinToken($"token-{name}", secret, secret), Principal.System);
        return joined.Reply is JoinAccepted accepted
            ? accepted.Host
            : throw new SimViolationException($"host {name} cannot join: {joined.Refusal?.Reason}");
    }

    private CommitFault Fate()
    {
        var (crash, fault) = Chaos.NextCommit();
        if (crash) CrashServer();
        return fault;
    }
}
