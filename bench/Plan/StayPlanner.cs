using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Bench.Plan;

/// <summary>The control: leaves every node where it is.</summary>
internal sealed class StayPlanner : IPlanner
{
    public string Policy => "none";

    public PlanAnswer Plan(Inventory inventory) => new(
        new Actors.Adaptation.Planning.Plan(Policy, inventory.Version, inventory.At,
        [
            .. inventory.Environments.SelectMany(one => one.Nodes).Select(node => new NodeDecision(
                node.Id, node.Host, node.Host, 0.01, new Reason("It stays.", 0, node.CpuCores, 0, 0, 0, []))),
        ]), null);
}
