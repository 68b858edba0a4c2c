using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>
/// Other amounts for nodes: room is booked before it is given, and freed only after the guest confirmed that it gave
/// the memory back, so a host is never promised more than it has. Before memory is asked of a guest, the larger amount
/// is held; only a confirmation, or a look at the guest, ends that.
/// </summary>
internal static class ResizeSteps
{
    /// <summary>Books the larger of before and after.</summary>
    public static readonly SagaStep Reserve = new()
    {
        Name = "book room for the change",
        Do = step => Booking(step, (before, after) => Math.Max(before, after)),
        Undo = step => Booking(step, (before, _) => before),
    };

    /// <summary>Changes the running nodes.</summary>
    public static readonly SagaStep Change = new()
    {
        Name = "change what they get",
        Do = step => Apply(step, step.Operation.Resized),
        Undo = step => Apply(step, step.Operation.AmountsBefore),
    };

    /// <summary>Books exactly what is used now.</summary>
    public static readonly SagaStep Trim = new()
    {
        Name = "free what is not used",
        NoReturn = true,
        Do = step =>
        {
            foreach (var to in step.Operation.Resized.Where(to => step.State.Nodes.ContainsKey(to.Node)))
                step.Turn.Record(new NodeResized(to.Node, to.MemoryMiB, to.CpuWeight, to.CpuQuotaPercent));
            return Booking(step, (_, after) => after);
        },
    };

    private static IEnumerable<Request> Booking(StepTurn step, Func<int, int, int> choose) =>
        step.Operation.Resized.Zip(step.Operation.AmountsBefore)
            .Where(pair => step.State.Nodes.TryGetValue(pair.First.Node, out var node) && node.Host is not null)
            .Select(pair =>
            {
                var node = step.State.Nodes[pair.First.Node];
                var memory = Math.Max(
                    choose(pair.Second.MemoryMiB, pair.First.MemoryMiB), node.HeldMiB ?? 0);
                return step.To(Turn.Host(node.Host!.Value), id => new Book(
                    id, step.State.Id, node.Id, memory, node.Spec.Vcpus, node.DiskMiB));
            }).ToList();

    /// <summary>
    /// Under a new run: a late copy of an earlier change must not bring back memory whose room is free by then.
    /// </summary>
    private static IEnumerable<Request> Apply(StepTurn step, IEnumerable<NodeAmounts> amounts)
    {
        var same = new HashSet<NodeId>();
        foreach (var (to, from) in step.Operation.Resized.Zip(step.Operation.AmountsBefore))
        {
            if (!step.State.Nodes.TryGetValue(to.Node, out var node)) continue;
            if (to.MemoryMiB != from.MemoryMiB)
                Hold(step.Turn, node, Math.Max(node.RoomMiB, Math.Max(to.MemoryMiB, from.MemoryMiB)));
            // Memory that an earlier change left in doubt is asked for again, or nobody would confirm it.
            else if (node.HeldMiB is null)
                same.Add(node.Id);
        }
        return amounts.Where(to => step.State.Nodes.TryGetValue(to.Node, out var node)
                && node.Host is not null && node.Power is NodePower.Ready or NodePower.Starting)
            .Select(to =>
            {
                step.Turn.Decide(to.Node, step.State.Nodes[to.Node].Power);
                var node = step.State.Nodes[to.Node];
                return step.To(Turn.Host(node.Host!.Value), id => new HostCommand(id, step.State.Id, new ResizeNode
                {
                    Node = node.Id,
                    Run = node.Run,
                    MemoryMiB = to.MemoryMiB,
                    CpuWeight = to.CpuWeight,
                    CpuQuotaPercent = to.CpuQuotaPercent,
                    KeepsMemory = same.Contains(node.Id),
                }));
            }).ToList();
    }

    /// <summary>The guest confirmed what it has.</summary>
    public static void Confirmed(Turn turn, NodeState node) => Hold(turn, node, null);

    private static void Hold(Turn turn, NodeState node, int? memoryMiB)
    {
        if (node.HeldMiB != memoryMiB) turn.Record(new NodeMemoryHeld(node.Id, memoryMiB));
    }
}
