using VioActors.Bench.Servers;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;
using VioActors.Simulation;

namespace VioActors.Bench.Chaos;

/// <summary>One node that moves to and fro, whatever happens to the servers.</summary>
internal sealed class ChaosMoves(ServerCluster cluster, BenchRun run)
{
    private static readonly NodeName Node = new("chaos", "n1");

    private static readonly EnvironmentSpec Spec = new()
    {
        Name = "chaos",
        Subnet = "10.10.0.0/24",
        Nodes = [new NodeSpec { Name = "n1", Image = "tiny" }],
    };

    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private NodeId _node;

    /// <summary>Moves that ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Rules that the simulated machines saw broken, and nodes that did not run at a check.</summary>
    public int Violations => _broken.Count;

    /// <summary>What an operator had to do after older copies were adopted.</summary>
    public int OperatorSteps { get; private set; }

    /// <summary>Makes the node.</summary>
    public async Task CreateAsync()
    {
        var made = await cluster.Api(0).ApplyAsync(Spec, dryRun: false, owner: null, run.Cancel);
        await cluster.EndOfAsync(made.Operation!.Value, 0, run.Cancel);
        _node = (await cluster.Api(0).NodeAsync(Node, run.Cancel)).Id;
    }

    /// <summary>Moves until told to stop; the last move is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var server = 0; !stop.IsCancellationRequested; server = 1 - server)
        {
            try
            {
                var move = await cluster.Api(server).MoveAsync(Node, new MoveBody(), run.Cancel);
                await cluster.EndOfAsync(move.Operation, 1 - server, run.Cancel);
                Ended++;
            }
            catch (CliException)
            {
                // Refused, or no answer: the next round asks again.
            }
        }

        await IdleAsync();
    }

    /// <summary>While nothing moves: it runs exactly once, and the site knows it.</summary>
    public async Task CheckAsync(int cycle)
    {
        await cluster.UntilAsync("the node is ready", async () =>
            (await cluster.Api(0).NodeAsync(Node, run.Cancel)).Power == NodePower.Ready, run.Cancel);
        foreach (var rule in Broken(cluster.World, _node).Where(rule => _broken.Add($"cycle {cycle}: {rule}")))
            run.Note(rule);
    }

    /// <summary>
    /// What an operator does after adopting an older copy, as the guide says: frees a node that was moved since,
    /// and starts one that its host does not have any more.
    /// </summary>
    public async Task MendAsync()
    {
        await IdleAsync();
        await cluster.UntilAsync("the node is ready after the restore", async () =>
        {
            var (api, node) = (cluster.Api(0), await cluster.Api(0).NodeAsync(Node, run.Cancel));
            if (node is { Power: NodePower.Unknown, Why.Code: "node-elsewhere" })
                await StepAsync(() => api.ClearAsync(
                    node.HostName == "h1" ? "h2" : "h1", node.Id.Value, run.Cancel));
            else if (node.Power == NodePower.Off)
                await StepAsync(async () => await cluster.EndOfAsync(
                    (await api.StartAsync(Node, run.Cancel)).Operation, 0, run.Cancel));
            return node.Power == NodePower.Ready;
        }, run.Cancel);
    }

    /// <summary>Control: the check, of a world in which a node was started on both hosts.</summary>
    public static async Task<int> ControlAsync(TimeProvider time, CancellationToken cancel)
    {
        var world = new SimWorld(time);
        var node = new NodeId("00000000-0000-4000-8000-000000000001");
        foreach (var host in (string[])["h1", "h2"])
            await new SimHypervisor(world.AddHost(new HostId(host))).StartAsync(ShapeOf(node), cancel);
        return Broken(world, node).Count();
    }

    private static NodeShape ShapeOf(NodeId node) => new()
    {
        Node = node,
        Environment = new EnvironmentId("e"),
        Name = "n1",
        MaxMemoryMiB = 64,
        MemoryMiB = 64,
        Vcpus = 1,
        CpuWeight = 100,
        Image = new ImageDefinition("tiny", new Blob("", 0), new Blob("", 0), null, ""),
        MachineType = "pc",
        CpuModel = "qemu64",
        Mac = "02:00:00:00:00:01",
        CommandLine = "",
    };

    private static IEnumerable<string> Broken(SimWorld world, NodeId node)
    {
        var copies = world.RunningCopies(node);
        return copies == 1 ? world.Violations : world.Violations.Append($"{copies} copies of the node run");
    }

    private async Task StepAsync(Func<Task> step)
    {
        await step();
        OperatorSteps++;
    }

    private Task IdleAsync() => cluster.UntilAsync("no operation works on the node", async () =>
        (await cluster.Api(0).OperationsAsync("chaos", 20, run.Cancel))
            .All(one => one.Phase is not (OperationPhase.Running or OperationPhase.Undoing)), run.Cancel);
}
