using VioActors.Actors.Site;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Simulation.Site;

/// <summary>
/// What users do to a simulated site: create, move, resize, stop, start, grow, shrink, cancel, delete, several at once
/// and one into the other; first under faults (safety), then without them (liveness: everything ends, what is left is
/// what was asked for, and what was lost can be started again).
/// </summary>
internal sealed class SimScenario(SimSite site, SimChecks checks, int seed, int actions)
{
    private static readonly Principal Ann = new("ann", Role.Owner);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private readonly Random _random = new(seed);
    private readonly List<OperationId> _open = [];
    private EnvironmentId _environment;

    public async Task RunAsync()
    {
        await site.StartAsync(hosts: 2 + (seed % 2), memoryMiB: 448);
        await CreateAsync();
        for (var i = 0; i < actions; i++)
        {
            await ActAsync();
        }

        await EndOfAllAsync();
        site.Chaos.On = false;
        await RestAsync();
        await checks.AlwaysAsync(_environment);
        await checks.SettledAsync(_environment);
        await StartLostAsync();
        await checks.SettledAsync(_environment);
        await DeleteAsync();
        await checks.NothingLeftAsync();
        await checks.HistoryAsync(_environment);
    }

    private ActorKey Key => new(ActorKinds.Environment, _environment.Value);

    /// <summary>Asks until the environment is there: under faults a creation may end undone, with its reason.</summary>
    private async Task CreateAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var accepted = await ApplyAsync();
            _environment = accepted.Environment;
            var op = await EndOfAsync(accepted.Operation!.Value);
            if (op.Phase == OperationPhase.Done) return;
            if (attempt == 20)
            {
                site.Chaos.On = false;
                await site.ReturnAsync();
            }

            await Task.Delay(Poll, site.Time);
            if (attempt > 25)
                throw new SimViolationException($"create fails without faults: {op.Failure?.Reason}");
        }
    }

    /// <summary>One wish of a user, who may change her mind, not wait, or want the next thing too early.</summary>
    private async Task ActAsync()
    {
        var state = await StateAsync();
        if (state is not { Exists: true } || state.Nodes.IsEmpty) return;
        var node = state.Nodes.Values.ElementAt(_random.Next(state.Nodes.Count));
        if (await BeginAsync(Choose(state, node)) is not { } id) return;
        if (_open.Count > 1) site.Chaos.Note("operations at once");
        if (_random.Next(6) == 0)
        {
            await Task.Delay(site.Chaos.Pause(3000), site.Time);
            if (site.IsCopying) site.Chaos.Note("cancel during a copy");
            await site.AskAsync(Key, new CancelOperation(id), Ann);
        }

        if (_random.Next(4) == 0) await InterfereAsync(node);
        if (_random.Next(3) != 0) await EndOfAllAsync();
    }

    /// <summary>Asks for an operation; null when it was refused or nothing was to do.</summary>
    private async Task<OperationId?> BeginAsync(object message)
    {
        var to = message is ApplySpec ? site.SiteKey : Key;
        var reply = (await site.AskAsync(to, message, Ann)).Reply;
        var id = (reply as OperationAccepted)?.Operation ?? (reply as ApplyAccepted)?.Operation;
        if (id is { } begun) _open.Add(begun);
        return id;
    }

    /// <summary>Another command for a node that is worked on, or the end of all: refused while that lasts.</summary>
    private async Task InterfereAsync(NodeState node)
    {
        object message = _random.Next(3) switch
        {
            0 => new MoveNode(node.Id, Elsewhere(node), null),
            1 => new StopNodeNow(node.Id, 0),
            _ => new DeleteEnvironment(),
        };
        var id = await BeginAsync(message);
        if (id is null) site.Chaos.Note("command in between refused");
        if (message is not DeleteEnvironment || id is null) return;
        await EndOfAllAsync();
        if (await StateAsync() is { Exists: false }) await CreateAsync();
    }

    private object Choose(EnvironmentState state, NodeState node) => _random.Next(10) switch
    {
        < 5 when node.Power is not (NodePower.Off or NodePower.Lost) =>
            new MoveNode(node.Id, Elsewhere(node), null),
        < 5 => new StartNodeNow(node.Id),
        5 => new ResizeNodeTo(node.Id, 64 + (_random.Next(5) * 16), null, _random.Next(2) == 0 ? 50 : 0),
        6 => new StopNodeNow(node.Id, 0),
        7 => new StartNodeNow(node.Id),
        _ => new ApplySpec(
            Spec(state.Nodes.Count > 2 ? ["n1", "n2"] : ["n1", "n2", "n3"], 96 + (_random.Next(3) * 16)),
            Ann.Name, DryRun: false),
    };

    private HostId? Elsewhere(NodeState node)
    {
        var others = site.Hosts.Where(host => host != node.Host).ToList();
        return _random.Next(3) == 0 ? null : others[_random.Next(others.Count)];
    }

    private async Task<ApplyAccepted> ApplyAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await site.AskAsync(
                site.SiteKey, new ApplySpec(Spec(["n1", "n2"]), Ann.Name, DryRun: false), Ann);
            if (result.Reply is ApplyAccepted accepted) return accepted;
            if (attempt == 1000)
                throw new SimViolationException($"the spec is refused for ever: {result.Refusal?.Reason}");
            // Right after a restart no host may be known to be there; that is a refusal, and users ask again.
            await Task.Delay(Poll, site.Time);
        }
    }

    private async Task EndOfAllAsync()
    {
        foreach (var id in _open) await EndOfAsync(id);
        _open.Clear();
    }

    /// <summary>An accepted request ends in done, failed or cancelled, whatever dies meanwhile.</summary>
    private async Task<OperationState> EndOfAsync(OperationId id)
    {
        for (var i = 0; i < 4000; i++)
        {
            if ((await StateAsync())?.Operations.Find(one => one.Id == id) is { EndedAt: not null } op) return op;
            Strike();
            if (i % 4 == 0) await checks.AlwaysAsync(_environment);
            await Task.Delay(Poll, site.Time);
        }

        throw new SimViolationException($"operation {id} does not end");
    }

    /// <summary>What the world does meanwhile.</summary>
    private void Strike()
    {
        var chaos = site.Chaos;
        if (chaos.Draw("crash between commits", chaos.CrashWhileWaiting)) site.CrashServer();
        if (site.Mortal is { } host && chaos.Draw("host loses its power", chaos.HostDeath)) site.KillHost(host);
        foreach (var (at, node) in site.Machines)
            if (chaos.Draw("machine ends by itself", chaos.MachineEnd)) site.EndMachine(at, node);
    }

    /// <summary>Every host is back or declared off, all agents say hello once more and every operation ends.</summary>
    private async Task RestAsync()
    {
        await site.ReturnAsync();
        foreach (var host in site.Hosts) site.World.Find(host)!.FailNothing();
        await Task.Delay(TimeSpan.FromSeconds(30), site.Time);
        foreach (var host in site.Hosts) await site.ConnectAsync(host);
        await Task.Delay(TimeSpan.FromSeconds(30), site.Time);
        foreach (var op in (await StateAsync())!.Operations) await EndOfAsync(op.Id);
    }

    /// <summary>What a dead host took with it runs again elsewhere, unless there is no room.</summary>
    private async Task StartLostAsync()
    {
        foreach (var node in (await StateAsync())!.Nodes.Values.Where(node => node.Power == NodePower.Lost))
        {
            if (await BeginAsync(new StartNodeNow(node.Id)) is not { } id)
                throw new SimViolationException($"lost node {node.Spec.Name} cannot be started");
            var op = await EndOfAsync(id);
            if (op.Phase != OperationPhase.Done && op.Failure?.Code != FailureCode.NoCapacity)
                throw new SimViolationException($"lost node {node.Spec.Name} does not start: {op.Failure?.Reason}");
            if (op.Phase == OperationPhase.Done) site.Chaos.Note("lost node started elsewhere");
        }
    }

    private async Task DeleteAsync()
    {
        if (await StateAsync() is not { Exists: true }) return;
        var result = await site.AskAsync(Key, new DeleteEnvironment(), Ann);
        var op = await EndOfAsync(((OperationAccepted)result.Reply!).Operation);
        if (op.Phase != OperationPhase.Done)
            throw new SimViolationException($"delete fails without faults: {op.Failure?.Reason}");
        await Task.Delay(TimeSpan.FromSeconds(30), site.Time);
    }

    private Task<EnvironmentState?> StateAsync() => site.ReadAsync<EnvironmentState>(Key);

    private static EnvironmentSpec Spec(string[] names, int memoryMiB = 128) => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        ReadyTimeoutSeconds = 30,
        Nodes = [.. names.Select(name => new NodeSpec { Name = name, Image = "tiny", MemoryMiB = memoryMiB })],
    };
}
