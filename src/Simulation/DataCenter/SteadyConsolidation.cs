using VioActors.Actors.Adaptation.Packing;

namespace VioActors.Simulation.DataCenter;

/// <summary>The packing that ships in the policy <c>vio</c> for its power mode, on the machines of a day.</summary>
public sealed class SteadyConsolidation(PackingSettings settings) : IConsolidation
{
    // Samples that the expectation is the mean of.
    private const int Window = 2;

    // A host to which machines fled from a shortage is not emptied for so many rounds.
    private const int HoldRounds = 6;
    private readonly Dictionary<int, int> _relievedAt = [];
    private int _round;

    /// <inheritdoc/>
    public int Place(int vm, StartView view)
    {
        // The most efficient hosts first, each as full as it may be.
        var best = -1;
        for (var host = 0; host < view.Hosts.Count; host++)
        {
            if (!view.Fits(vm, host)) continue;
            if (best < 0 || Efficiency(view.Hosts[host]) > Efficiency(view.Hosts[best])) best = host;
        }

        return best;
    }

    /// <inheritdoc/>
    public IReadOnlyList<VmMove> Decide(DataCenterView view)
    {
        _round++;
        var on = new List<int>[view.Hosts.Count];
        var items = new PackingItem[view.Vms.Count];
        for (var host = 0; host < on.Length; host++)
        {
            on[host] = [.. view.On(host)];
            foreach (var vm in on[host]) items[vm] = new PackingItem(Expected(vm, view), view.Vms[vm].MoveSeconds);
        }

        var packing = new SteadyPacking(
            [.. view.Hosts.Select(host => new PackingHost(host.Mips, Efficiency(host)))], items, on, settings,
            (vm, host) => view.Hosts[host].CoreMips >= view.Vms[vm].Mips);
        foreach (var host in packing.Relieve()) _relievedAt[host] = _round;
        // The first rounds undo the first placement, which had to go by what machines may ask for.
        packing.Empty(
            host => !_relievedAt.TryGetValue(host, out var at) || _round - at >= HoldRounds,
            view.Samples <= 2 ? view.Vms.Count : settings.MostToEmpty);
        return [.. packing.Moves.Select(move => new VmMove(move.Item, move.To))];
    }

    /// <summary>MIPS per watt of a host in full use.</summary>
    internal static double Efficiency(HostType host) => host.Mips / host.Power(1);

    private static double Expected(int vm, DataCenterView view)
    {
        var count = Math.Min(Window, view.Samples);
        if (count == 0) return view.Demand(vm);
        var sum = 0.0;
        for (var ago = 0; ago < count; ago++) sum += view.Seen(vm, ago);
        return sum / count * view.Vms[vm].Mips;
    }
}
