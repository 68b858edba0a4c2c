using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// Memory of the guests of one host. A guest that needs more gets it from what is free now. What is then missing is
/// asked of guests that have more than they need, and is free only when a later inventory shows that they gave it: a
/// guest may refuse its balloon.
/// </summary>
internal sealed class VioBalloons(VioForecast forecast, VioOptions options)
{
    private const int LeastStepMiB = 16;

    /// <summary>Balloon targets of a host's nodes that change.</summary>
    /// <param name="nodes">All that are on the host and stay there.</param>
    /// <param name="freeMiB">Memory of the host that nobody holds and no move of this plan takes.</param>
    /// <param name="needMiB">
    /// Memory that something else needs there: guests give it even when no guest asks, when together they can.
    /// </param>
    internal Dictionary<NodeId, int> Of(IReadOnlyList<NodeInventory> nodes, long freeMiB, long needMiB)
    {
        var targets = new Dictionary<NodeId, int>();
        var (missing, lacking) = (0L, Math.Max(0, needMiB - Math.Max(0, freeMiB)));
        foreach (var node in nodes)
        {
            if (node.GuestMiB is not { } now || forecast.GuestMiB(node) is not { } need || need <= now) continue;
            var more = (int)Math.Min(need - now, Math.Max(0, freeMiB));
            if (more >= Step(now) || more == need - now)
            {
                targets[node.Id] = now + more;
                freeMiB -= more;
            }
            else more = 0;
            if (need - now - more >= Step(now)) missing += need - now - more;
        }

        if (missing + lacking > 0) Collect(nodes, missing, lacking, targets);
        return targets;
    }

    // Half of what a move lacks serves nobody, while a guest is glad of any part.
    private void Collect(
        IReadOnlyList<NodeInventory> nodes, long missing, long lacking, Dictionary<NodeId, int> targets)
    {
        var spare = nodes.Where(node => !targets.ContainsKey(node.Id))
            .Select(node => (Node: node, Spare: Spare(node)))
            .Where(one => one.Spare > 0).OrderByDescending(one => one.Spare).ThenBy(one => one.Node.Id).ToList();
        if (spare.Sum(one => (long)one.Spare) >= missing + lacking) missing += lacking;
        foreach (var (node, has) in spare)
        {
            if (missing <= 0) return;
            var take = (int)Math.Min(has, Math.Max(missing, Step(node.GuestMiB!.Value)));
            targets[node.Id] = node.GuestMiB.Value - take;
            missing -= take;
        }
    }

    private int Spare(NodeInventory node)
    {
        if (node.GuestMiB is not { } now || forecast.GuestMiB(node) is not { } need) return 0;
        return now - need >= Step(now) ? now - need : 0;
    }

    private int Step(int now) => (int)Math.Max(LeastStepMiB, options.LeastChange / 4 * now);
}
