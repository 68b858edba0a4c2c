using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Planning;

/// <summary>Makes plans. Pure: the same inventory gives the same plan, whatever the clock says.</summary>
public interface IPlanner
{
    /// <summary>Stable name, for example <c>violin-2007</c>.</summary>
    string Policy { get; }

    /// <summary>What its plans may move at most, for the plan checker; null: any number.</summary>
    PlanLimits? Limits => null;

    /// <summary>A plan, or why there can be none; exactly one of both.</summary>
    /// <param name="inventory">What is there.</param>
    PlanAnswer Plan(Inventory inventory);
}

/// <summary>A plan or a refusal.</summary>
/// <param name="Plan">The plan; null when refused.</param>
/// <param name="Refused">Why there is no plan; null when there is one.</param>
public sealed record PlanAnswer(Plan? Plan, Failure? Refused);
