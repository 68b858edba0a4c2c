using System.Collections.Immutable;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Turns a checked spec into one operation: create, grow, shrink, or several changes in one.</summary>
internal static class ApplyDecider
{
    public static void Apply(Turn turn, ApplyEnvironment apply)
    {
        // The site repeats nothing, but a restored site may: an operation is started once.
        if (turn.State.Operation(apply.Operation) is not null) return;
        var why = Obstacle(turn.State, apply, out var change);
        if (why is not null)
        {
            Refuse(turn, apply, why);
            return;
        }

        var created = !turn.State.Exists;
        turn.Record(new EnvironmentEstablished(
            apply.Environment, apply.Owner, apply.Spec.Name, apply.Spec.Subnet, apply.Spec.ReadyTimeoutSeconds,
            apply.Spec.Network));
        var added = Add(turn, apply, change.Added);
        SetLimits(turn, apply);
        var removed = change.Removed.Select(node => node.Id).ToImmutableArray();
        var kind = created ? OperationKind.Create
            : added.IsEmpty && removed.IsEmpty && change.Resized.IsEmpty ? OperationKind.Apply
            : removed.IsEmpty && change.Resized.IsEmpty ? OperationKind.Grow
            : added.IsEmpty && change.Resized.IsEmpty ? OperationKind.Shrink
            : OperationKind.Apply;
        turn.Record(new OperationStarted(
            apply.Operation, kind, [.. added, .. removed, .. change.Resized.Select(to => to.Node)],
            turn.Info.Principal, turn.Info.Now)
        { Added = added, Removed = removed, Resized = change.Resized });
        SagaEngine.Begin(turn, apply.Operation);
    }

    private static Failure? Obstacle(EnvironmentState state, ApplyEnvironment apply, out SpecChange change)
    {
        change = SpecChange.Between(state, apply.Spec);
        if (state.Deleted)
            return new Failure(
                "deleted", $"Environment {state.Id} was deleted.", "Apply the spec again: its name is free.");
        if (state.Operations.Find(op => !op.Ended) is { } running)
            return EnvironmentRefusals.Of(EnvironmentRefusals.Busy(state, running).Refusal!);
        if (change.Impossible is not null) return change.Impossible;
        foreach (var node in change.Added)
        {
            if (Machines.Obstacle(state, node) is { } taken) return taken;
        }

        foreach (var to in change.Resized)
        {
            // A machine that cannot be asked keeps its memory, so none of its room may be given back.
            var node = state.Nodes[to.Node];
            var refused = node.Power == NodePower.Unknown
                ? EnvironmentRefusals.NotRunning(node, "resized")
                : Amounts.Check(node, to);
            if (refused?.Refusal is { } refusal) return EnvironmentRefusals.Of(refusal);
        }

        return null;
    }

    /// <summary>The user was promised an operation: it exists, and says why nothing was done.</summary>
    private static void Refuse(Turn turn, ApplyEnvironment apply, Failure why)
    {
        var kind = turn.State.Exists ? OperationKind.Apply : OperationKind.Create;
        turn.Record(new OperationStarted(apply.Operation, kind, [], turn.Info.Principal, turn.Info.Now));
        turn.Record(new OperationEnded(apply.Operation, OperationPhase.Failed, why, turn.Info.Now));
        if (!turn.State.Exists) turn.Tell(turn.Site, new ReleaseName(apply.Environment));
    }

    /// <summary>
    /// Limits need no steps: the network brings them to the switches, now or when a host returns. They hold also when
    /// the rest of the operation fails, as far as their nodes stay.
    /// </summary>
    private static void SetLimits(Turn turn, ApplyEnvironment apply)
    {
        var limits = LimitChange.Wanted(turn.State, apply.Spec);
        if (limits.SequenceEqual(turn.State.Limits)) return;
        turn.Record(new LimitsSet(limits));
        turn.Tell(turn.Network, new LimitPairs(limits));
    }

    private static ImmutableArray<NodeId> Add(Turn turn, ApplyEnvironment apply, ImmutableArray<NodeSpec> specs)
    {
        var present = turn.State.Nodes.Values.Select(node => node.Ip)
            .Concat(turn.State.Machines.Values.Select(machine => machine.Ip));
        var addresses = new Addresses(apply.Spec.Subnet, present, specs);
        var ids = ImmutableArray.CreateBuilder<NodeId>(specs.Length);
        for (var i = 0; i < specs.Length; i++)
        {
            var id = NodeId.Of(turn.Info.DeriveId("node", i));
            turn.Record(new NodeAdded(
                id, specs[i], apply.Images[specs[i].Image], addresses.Mac(id, specs[i]), addresses.Ip(specs[i])));
            ids.Add(id);
        }

        return ids.MoveToImmutable();
    }
}
