using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>
/// The slow, obvious model of everything around one environment: sets of what is booked, plugged, kept and running.
/// It does what it is asked, may be told to fail a request, and is inspected afterwards.
/// </summary>
internal sealed class World
{
    public static readonly HostId A = HostId.From("h-a");
    public static readonly HostId B = HostId.From("h-b");
    public static readonly EnvironmentId Id = EnvironmentId.From("s0123.e1");

    private readonly EnvironmentActor _actor = new();
    private readonly List<(ActorKey To, object Message)> _inFlight = [];
    private readonly Dictionary<(HostId, NodeId), long> _runs = [];
    private int _turns;

    public World() => State = _actor.Initial(Self);

    public static ActorKey Self => new(ActorKinds.Environment, Id.Value);

    public EnvironmentState State { get; private set; }

    public HashSet<(HostId Host, NodeId Node)> Booked { get; } = [];

    public HashSet<NodeId> Plugged { get; } = [];

    /// <summary>What the network was told last.</summary>
    public IReadOnlyList<SwitchLimit> Limits { get; private set; } = [];

    public HashSet<(HostId Host, NodeId Node)> Kept { get; } = [];

    public HashSet<(HostId Host, NodeId Node)> Running { get; } = [];

    /// <summary>Memory booked for a node on a host.</summary>
    public Dictionary<(HostId Host, NodeId Node), int> RoomMiB { get; } = [];

    /// <summary>Memory that a node's guest really has.</summary>
    public Dictionary<(HostId Host, NodeId Node), int> GuestMiB { get; } = [];

    public bool NameReleased { get; private set; }

    public List<object> Events { get; } = [];

    public List<(string Name, DateTimeOffset? Due, object? Message)> Timers { get; } = [];

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When the server that decides began to.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>Requests to fail: given the request, why, or null to do it.</summary>
    public Func<object, Failure?> Fail { get; set; } = _ => null;

    /// <summary>Requests to do without answering well: the host did it, but nobody will know.</summary>
    public Func<object, bool> LoseAnswer { get; set; } = _ => false;

    /// <summary>Requests that arrive twice and are answered twice.</summary>
    public Func<object, bool> Repeat { get; set; } = _ => false;

    /// <summary>Hosts whose agents do not answer.</summary>
    public HashSet<HostId> Away { get; } = [];

    /// <summary>Where the site places nodes; null spreads them.</summary>
    public HostId? PlaceOn { get; set; }

    /// <summary>Where the machine is when a move's job has ended; null moves it.</summary>
    public Action<SendMove>? Copy { get; set; }

    public IReadOnlyList<object> Waiting => [.. _inFlight.Select(pair => pair.Message)];

    /// <summary>Of the store; a host that says 1 acted before it was adopted when this is higher.</summary>
    public long Generation { get; set; } = 1;

    /// <summary>Under which generation hosts acted last, when they say so.</summary>
    public Dictionary<(HostId, NodeId), long> Generations { get; } = [];

    public Decision Ask(object message, string principal = "owner:ann") => Step(message, principal, sender: null);

    /// <summary>Answers everything until nothing is in flight; timers fire at once.</summary>
    public void Settle(int limit = 2000)
    {
        for (var i = 0; i < limit; i++)
        {
            if (_inFlight.Count > 0) AnswerFirst();
            else if (!FireTimer()) return;
        }

        throw new InvalidOperationException("The environment does not come to rest.");
    }

    public void AnswerFirst()
    {
        var (to, message) = _inFlight[0];
        _inFlight.RemoveAt(0);
        if (Answer(to, message, Fail(message), LoseAnswer(message)) is not { } answer) return;
        Step(answer, "system:system", to);
        if (Repeat(message)) Step(Answer(to, message, failure: null, lost: false)!, "system:system", to);
        foreach (var (place, guest) in GuestMiB.Where(pair => Running.Contains(pair.Key) && Booked.Contains(pair.Key)))
            Assert.True(guest <= RoomMiB[place], $"{place} has {guest} MiB and {RoomMiB[place]} MiB are booked");
    }

    public bool FireTimer()
    {
        if (Timers.Count == 0) return false;
        var (_, due, message) = Timers[0];
        Timers.RemoveAt(0);
        Now = due > Now ? due.Value : Now;
        Step(message!, "system:system", sender: null);
        return true;
    }

    /// <summary>That many seconds pass; timers that are due fire at their time.</summary>
    public void Pass(double seconds)
    {
        var end = Now.AddSeconds(seconds);
        while (Timers.Exists(timer => timer.Due <= end))
        {
            var first = Timers.IndexOf(Timers.MinBy(timer => timer.Due));
            (Timers[0], Timers[first]) = (Timers[first], Timers[0]);
            FireTimer();
        }
        Now = end;
    }

    public Decision Step(object message, string principal, ActorKey? sender)
    {
        var info = new TurnInfo(Now, $"turn-{_turns++}", Self, sender, principal, Generation) { Since = Since };
        var decision = _actor.Decide(State, message, info);
        var again = _actor.Decide(State, message, info);
        Assert.Equal(Text(decision), Text(again));
        Events.AddRange(decision.Events);
        State = decision.Events.Aggregate(State, _actor.Evolve);
        _inFlight.AddRange(decision.Sends.Select(send => (send.To, send.Message)));
        foreach (var timer in decision.Timers)
        {
            Timers.RemoveAll(set => set.Name == timer.Name);
            if (timer.Due is not null) Timers.Add((timer.Name, timer.Due, timer.Message));
        }
        return decision;
    }

    public void Tell(HostId from, object notice) =>
        Step(notice, "system:system", new ActorKey(ActorKinds.Host, from.Value));

    public static string Text(object value) => JsonSerializer.Serialize(value, Wire.Json);

    private object? Answer(ActorKey to, object message, Failure? failure, bool lost)
    {
        var host = to.Kind == ActorKinds.Host ? HostId.From(to.Id) : default;
        switch (message)
        {
            case ProposePlacement ask:
                var hosts = ask.Needs.Select((need, i) => (need.Node, Host: PlaceOn ?? (i % 2 == 0 ? A : B)))
                    .ToImmutableSortedDictionary(
                        pair => pair.Node, pair => ask.Avoid.Contains(pair.Host) ? B : pair.Host);
                return new PlacementAnswer(ask.RequestId, hosts, failure);
            case Book ask:
                // A host never refuses to keep or to give back room.
                if (Booked.Contains((host, ask.Node)) && ask.MemoryMiB <= RoomMiB[(host, ask.Node)]) failure = null;
                if (failure is null)
                {
                    Booked.Add((host, ask.Node));
                    RoomMiB[(host, ask.Node)] = ask.MemoryMiB;
                }
                return new BookAnswer(ask.RequestId, host, ask.Node, failure is null ? Facts(host) : null, failure);
            case BookNodes ask:
                foreach (var room in failure is null ? ask.Nodes : [])
                {
                    Booked.Add((host, room.Node));
                    RoomMiB[(host, room.Node)] = room.MemoryMiB;
                }
                return new BookNodesAnswer(
                    ask.RequestId, host, [.. ask.Nodes.Select(room => room.Node)],
                    failure is null ? Facts(host) : null, failure);
            case Unbook ask:
                Booked.Remove((host, ask.Node));
                return new UnbookAnswer(ask.RequestId, host, ask.Node);
            case Plug ask:
                if (failure is null) Plugged.UnionWith(ask.Items.Select(item => item.Node));
                return new NetworkAnswer(ask.RequestId, failure);
            case Unplug ask:
                if (failure is null) Plugged.ExceptWith(ask.Nodes);
                return new NetworkAnswer(ask.RequestId, failure);
            case LimitPairs ask:
                Limits = ask.Limits;
                return null;
            case Prebind ask:
                return new NetworkAnswer(ask.RequestId, failure);
            case Settle ask:
                return new NetworkAnswer(ask.RequestId, failure);
            case ReleaseName:
                NameReleased = true;
                return null;
            case HostCommand ask:
                var outcome = Away.Contains(host) ? Unreachable(host)
                    : failure is not null ? new AgentOutcome { Failure = failure }
                    : Do(host, ask.Command);
                if (lost) outcome = Unreachable(host);
                return new CommandAnswer(ask.RequestId, host, ask.Command.Node, outcome);
            default:
                return null;
        }
    }

    public static AgentOutcome Unreachable(HostId host) =>
        AgentOutcome.Failed(FailureCode.HostUnreachable, $"Host {host} is away.", "Bring it back.");

    public static HostFacts Facts(HostId host) => new()
    {
        Name = host == A ? "alpha" : "beta",
        MemoryMiB = 4096,
        Cores = 2,
        DiskMiB = 10_000,
        Hypervisor = "sim 1",
        MachineTypes = ["m1"],
        CpuModels = ["c1"],
        SwitchEndpoint = "10.0.0.1:1",
        MoveEndpoint = "10.0.0.1:2",
    };

    private AgentOutcome Do(HostId host, AgentCommand command)
    {
        var key = (host, command.Node);
        if (command.Run > 0)
        {
            if (_runs.GetValueOrDefault(key) > command.Run)
                return AgentOutcome.Failed(FailureCode.StaleRun, "stale", "none");
            if (command is RemoveNode { SparesRunning: true } && Running.Contains(key))
                return AgentOutcome.Failed(FailureCode.StillRuns, "runs", "none");
            if (command is ReceiveMove && Running.Contains(key))
                return AgentOutcome.Failed(FailureCode.AlreadyHere, "here", "none");
            _runs[key] = command.Run;
        }

        switch (command)
        {
            case PrepareNode or ReceiveMove:
                Kept.Add(key);
                break;
            case StartNode:
                Assert.Contains(key, Booked);
                Kept.Add(key);
                Running.Add(key);
                GuestMiB.TryAdd(key, ((StartNode)command).Shape.MemoryMiB);
                Assert.True(Running.Count(pair => pair.Node == command.Node) <= 1, $"{command.Node} runs twice");
                break;
            case ResizeNode resize:
                GuestMiB[key] = resize.MemoryMiB;
                break;
            case StopNode:
                Running.Remove(key);
                GuestMiB.Remove(key);
                break;
            case RemoveNode:
                Running.Remove(key);
                GuestMiB.Remove(key);
                Kept.Remove(key);
                break;
            case AwaitReady:
                Assert.Contains(key, Running);
                break;
            case SendMove send:
                if (Copy is not null) Copy(send);
                else Hop(send);
                return new AgentOutcome { Move = new MoveStatistics(40, 900, 1 << 20, 0) };
        }

        return AgentOutcome.Done(See(host, command.Node));
    }

    public void Hop(SendMove send)
    {
        var from = State.Operation(send.Move)!.Move!.From;
        if (Running.Remove((from, send.Node))) Running.Add((send.To, send.Node));
    }

    public NodeObservation See(HostId host, NodeId node) => new()
    {
        Node = node,
        Run = _runs.GetValueOrDefault((host, node)),
        Generation = Generations.GetValueOrDefault((host, node)),
        Environment = Kept.Contains((host, node)) ? Id : null,
        Presence = Running.Contains((host, node)) ? NodePresence.Running : NodePresence.Absent,
        ActualMemoryMiB = GuestMiB.TryGetValue((host, node), out var memory) ? memory : null,
    };

    /// <summary>Both hosts come back and say what they see of the environment's nodes.</summary>
    public void Return()
    {
        foreach (var host in (HostId[])[A, B])
        {
            var here = Booked.Concat(Running).Where(pair => pair.Host == host).Select(pair => pair.Node).Distinct();
            Tell(host, new HostReturnedNotice(host, [.. here.Select(node => See(host, node))]));
        }
        Settle();
    }

    public static EnvironmentSpec Spec(params string[] names) => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        Nodes = [.. names.Select(name => new NodeSpec { Name = name, Image = "tiny", MemoryMiB = 128 })],
    };

    public static ApplyEnvironment ApplyMessage(EnvironmentSpec spec, string op = "op-1") => new(
        OperationId.From(op), Id, "ann", spec,
        ImmutableSortedDictionary<string, ImageDefinition>.Empty.Add("tiny", new ImageDefinition(
            "tiny", new Blob(new string('a', 64), 1), new Blob(new string('b', 64), 1), null, "quiet")));

    public void Apply(EnvironmentSpec spec, string op = "op-1") =>
        Step(ApplyMessage(spec, op), "owner:ann", new ActorKey(ActorKinds.Site, Id.Home.Value));

    /// <summary>A world with the environment running.</summary>
    public static World WithRunning(params string[] names)
    {
        var world = new World();
        world.Apply(Spec(names));
        world.Settle();
        Assert.All(world.State.Nodes.Values, node => Assert.Equal(NodePower.Ready, node.Power));
        return world;
    }

    public void AssertNothingLeft() => AssertNothingLeftBut(plugged: 0);

    /// <summary>A node that is lost keeps its place in the network and nothing else.</summary>
    public void AssertNothingLeftBut(int plugged)
    {
        Assert.Empty(Booked);
        Assert.Equal(plugged, Plugged.Count);
        Assert.Empty(Kept);
        Assert.Empty(Running);
    }
}
