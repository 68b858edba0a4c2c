using System.Collections.Immutable;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>The visible list of steps of every operation that is a saga.</summary>
internal static class Sagas
{
    private static readonly ImmutableArray<SagaStep> Provision =
    [
        ProvisionSteps.Choose, ProvisionSteps.Book, ProvisionSteps.Plug, ProvisionSteps.Prepare, ProvisionSteps.Start,
        ProvisionSteps.Ready,
    ];

    private static readonly ImmutableArray<SagaStep> Retire =
        [RetireSteps.Remove, RetireSteps.Unplug, RetireSteps.Unbook, RetireSteps.Forget];

    private static readonly ImmutableArray<SagaStep> Resize =
        [ResizeSteps.Reserve, ResizeSteps.Change, ResizeSteps.Trim];

    private static readonly ImmutableArray<SagaStep> Stop =
    [
        new SagaStep
        {
            Name = "stop the machine", NoReturn = true,
            Do = step => ProvisionSteps.StopNodes(
                step, step.Operation.Nodes, step.Operation.StopGraceSeconds ?? StopGraceSeconds),
        },
    ];

    private static readonly ImmutableArray<SagaStep> Start = [ProvisionSteps.Start, ProvisionSteps.Ready];

    private static readonly ImmutableArray<SagaStep> Apply = [.. Provision, .. Resize, .. Retire];

    /// <summary>Seconds a guest has to shut down where the stop does not say, as older ones did not.</summary>
    public const int StopGraceSeconds = 10;

    /// <summary>Steps of an operation, in order; empty for a move, which is a reconciler.</summary>
    public static ImmutableArray<SagaStep> Steps(OperationKind kind) => kind switch
    {
        OperationKind.Create or OperationKind.Grow or OperationKind.Restart => Provision,
        OperationKind.Shrink or OperationKind.Delete => Retire,
        OperationKind.Resize => Resize,
        OperationKind.Apply => Apply,
        OperationKind.Start => Start,
        OperationKind.Stop => Stop,
        OperationKind.Move => [],
        _ => throw new InvalidOperationException($"Unknown operation kind {kind}."),
    };
}
