using System.Collections.Immutable;
using VioActors.Actors.Site;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Simulation.Site;

/// <summary>
/// What users do to a simulated site: create, move, resize, stop, start, grow, shrink, cancel, delete; first under
/// faults (safety), then without them (liveness: everything ends, and what is left is what was asked for).
/// </summary>
internal sealed class SimScenario(SimSite site, int seed, int actions)
{
    private static readonly Principal Ann = new("ann", Role.Owner);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private readonly Random _random = new(seed);
    private EnvironmentId _environment;

    public async Task RunAsync(SimChecks checks)
    {
        await site.StartAsync(hosts: 2 + (seed % 2), memoryMiB: 448);
        await CreateAsync();
        for (var i = 0; i < actions; i++)
        {
            await ActAsync();
            await checks.AlwaysAsync(_environment);
        }

        site.Chaos.On = false;
        await RestAsync();
        await checks.AlwaysAsync(_environment);
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
            var accepted = await ApplyAsync(["n1", "n2"]);
            _environment = accepted.Environment;
            var op = await EndOfAsync(accepted.Operation!.Value);
            if (op.Phase == OperationPhase.Done) return;
            if (attempt == 20) site.Chaos.On = false;
            if (attempt > 25)
                throw new SimViolationException($"create fails without faults: {op.Failure?.Reason}");
        }
    }

    private async Task ActAsync()
    {
        var state = await StateAsync();
        if (state is not { Exists: true } || state.Nodes.IsEmpty) return;
        var node = state.Nodes.Values.ElementAt(_random.Next(state.Nodes.Count));
        var message = Choose(state, node);
        var operation = message is ApplySpec apply
            ? (await ApplyAsync([.. apply.Spec.Nodes.Select(one => one.Name)])).Operation
            : (await site.AskAsync(Key, message, Ann)).Reply is OperationAccepted accepted ? accepted.Operation : null;
        if (operation is not { } id) return;
        if (_random.Next(6) == 0)
        {
            await Task.Delay(site.Chaos.Pause(3000), site.Time);
            await site.AskAsync(Key, new CancelOperation(id), Ann);
        }

        await EndOfAsync(id);
    }

    private object Choose(EnvironmentState state, NodeState node) => _random.Next(10) switch
    {
        < 5 => new MoveNode(node.Id, Elsewhere(node), null),
        5 => new ResizeNodeTo(node.Id, 64 + (_random.Next(5) * 16), null, _random.Next(2) == 0 ? 50 : 0),
        6 => new StopNodeNow(node.Id, 0),
        7 => new StartNodeNow(node.Id),
        _ => new ApplySpec(Spec(state.Nodes.Count > 2 ? ["n1", "n2"] : ["n1", "n2", "n3"]), Ann.Name, DryRun: false),
    };

    private HostId? Elsewhere(NodeState node)
    {
        var others = site.Hosts.Where(host => host != node.Host).ToList();
        return _random.Next(3) == 0 ? null : others[_random.Next(others.Count)];
    }

    private async Task<ApplyAccepted> ApplyAsync(string[] names)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await site.AskAsync(site.SiteKey, new ApplySpec(Spec(names), Ann.Name, DryRun: false), Ann);
            if (result.Reply is ApplyAccepted accepted) return accepted;
            if (attempt == 100)
                throw new SimViolationException($"the spec is refused for ever: {result.Refusal?.Reason}");
            // Right after a restart no host may be known to be there; that is a refusal, and users ask again.
            await Task.Delay(Poll, site.Time);
        }
    }

    /// <summary>An accepted request ends in done, failed or cancelled, whatever dies meanwhile.</summary>
    private async Task<OperationState> EndOfAsync(OperationId id)
    {
        for (var i = 0; i < 4000; i++)
        {
            if ((await StateAsync())?.Operations.Find(one => one.Id == id) is { EndedAt: not null } op) return op;
            if (site.Chaos.Draw("crash between commits", site.Chaos.CrashWhileWaiting)) site.CrashServer();
            await Task.Delay(Poll, site.Time);
        }

        throw new SimViolationException($"operation {id} does not end");
    }

    /// <summary>All agents say hello once more and every operation ends.</summary>
    private async Task RestAsync()
    {
        foreach (var host in site.Hosts) site.World.Find(host)!.FailNothing();
        await Task.Delay(TimeSpan.FromSeconds(30), site.Time);
        foreach (var host in site.Hosts) await site.ConnectAsync(host);
        await Task.Delay(TimeSpan.FromSeconds(30), site.Time);
        foreach (var op in (await StateAsync())!.Operations) await EndOfAsync(op.Id);
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

    private static EnvironmentSpec Spec(string[] names) => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        ReadyTimeoutSeconds = 30,
        Nodes = [.. names.Select(name => new NodeSpec { Name = name, Image = "tiny", MemoryMiB = 128 })],
    };
}
