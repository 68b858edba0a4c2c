namespace VioActors.Simulation.DataCenter;

/// <summary>
/// The consolidation of Beloglazov and Buyya 2012, as CloudSim has it: hosts with too much give up machines by minimum
/// migration time, which go where power grows least (PABFD); then each host, least used first, is emptied when all of
/// its machines fit elsewhere.
/// </summary>
public sealed class PowerAware(IOverloadRule rule) : IConsolidation
{
    /// <inheritdoc/>
    public int Place(int vm, StartView view)
    {
        var best = -1;
        var least = double.MaxValue;
        for (var host = 0; host < view.Hosts.Count; host++)
        {
            if (!view.Fits(vm, host)) continue;
            var type = view.Hosts[host];
            var more = type.Power((view.Promised(host) + view.Vms[vm].Mips) / type.Mips) - type.Power(0);
            if (more >= least) continue;
            (best, least) = (host, more);
        }

        return best;
    }

    /// <inheritdoc/>
    public IReadOnlyList<VmMove> Decide(DataCenterView view)
    {
        var draft = new Draft(view);
        var hosts = Enumerable.Range(0, view.Hosts.Count);
        var crowded = hosts.Where(host => rule.TooMuch(view.Hosts[host], draft.Load(host))).ToHashSet();
        var moves = new List<VmMove>();
        foreach (var vm in ByDemand(Leaving(crowded, view, draft), view))
        {
            var target = Target(vm, view, draft, crowded);
            if (target < 0) continue;
            draft.Add(vm, target);
            moves.Add(new VmMove(vm, target));
        }

        moves.AddRange(Emptied(crowded, view, draft));
        return moves;
    }

    /// <summary>The machine that moves fastest; the first of several. -1 when there is none.</summary>
    internal static int FastestToMove(IReadOnlyList<int> on, IReadOnlyList<VmType> vms)
    {
        var best = -1;
        foreach (var vm in on)
            if (best < 0 || vms[vm].MemoryMegabytes < vms[best].MemoryMegabytes) best = vm;
        return best;
    }

    private List<int> Leaving(HashSet<int> crowded, DataCenterView view, Draft draft)
    {
        var leaving = new List<int>();
        foreach (var host in crowded.Order())
        {
            do
            {
                var vm = FastestToMove(draft.On(host), view.Vms);
                if (vm < 0) break;
                leaving.Add(vm);
                draft.Remove(vm, host);
            }
            while (rule.TooMuch(view.Hosts[host], draft.Load(host)));
        }

        return leaving;
    }

    // Power grows from what the host was last seen to use, without what this decision adds: as the original.
    private int Target(int vm, DataCenterView view, Draft draft, HashSet<int> excluded)
    {
        var best = -1;
        var least = double.MaxValue;
        for (var host = 0; host < view.Hosts.Count; host++)
        {
            if (excluded.Contains(host) || !draft.Fits(vm, host)) continue;
            var type = view.Hosts[host];
            if (view.Used(host) != 0 && rule.TooMuch(type, draft.With(host, vm))) continue;
            var after = Math.Min(1, (draft.Given(host) + view.Demand(vm)) / type.Mips);
            var more = type.Power(after) - type.Power(Math.Min(1, view.Used(host) / type.Mips));
            if (more >= least) continue;
            (best, least) = (host, more);
        }

        return best;
    }

    private List<VmMove> Emptied(HashSet<int> crowded, DataCenterView view, Draft draft)
    {
        var moves = new List<VmMove>();
        var asleep = Enumerable.Range(0, view.Hosts.Count).Where(host => view.Used(host) == 0);
        var closed = crowded.Concat(asleep).ToHashSet();
        var seen = new HashSet<int>(closed);
        foreach (var host in Enumerable.Range(0, view.Hosts.Count)
            .OrderBy(host => view.Used(host) / view.Hosts[host].Mips))
        {
            var isFull = view.Used(host) / view.Hosts[host].Mips >= 1;
            if (seen.Contains(host) || isFull || draft.On(host).Count == 0) continue;
            closed.Add(host);
            var placed = PlaceAll(draft.On(host), view, draft, closed);
            seen.UnionWith(placed.Select(move => move.To));
            moves.AddRange(placed);
        }

        return moves;
    }

    private List<VmMove> PlaceAll(IReadOnlyList<int> vms, DataCenterView view, Draft draft, HashSet<int> closed)
    {
        var moves = new List<VmMove>();
        foreach (var vm in ByDemand(vms, view))
        {
            var target = Target(vm, view, draft, closed);
            if (target < 0)
            {
                foreach (var move in moves) draft.Remove(move.Vm, move.To);
                return [];
            }

            draft.Add(vm, target);
            moves.Add(new VmMove(vm, target));
        }

        return moves;
    }

    private static List<int> ByDemand(IReadOnlyList<int> vms, DataCenterView view) =>
        [.. vms.OrderByDescending(view.Demand)];
}
