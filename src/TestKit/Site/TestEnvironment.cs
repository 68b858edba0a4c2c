using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.TestKit;

/// <summary>An environment of a <see cref="TestSite"/>, in the hands of its owner.</summary>
public sealed class TestEnvironment
{
    private readonly TestSite _site;

    internal TestEnvironment(TestSite site, EnvironmentId id, Principal owner, OperationId? operation)
    {
        _site = site;
        Id = id;
        Operation = operation;
        Probe = site.Probe<EnvironmentState>(ActorKinds.Environment, id.Value, owner);
    }

    /// <summary>Its id.</summary>
    public EnvironmentId Id { get; }

    /// <summary>The latest operation that was accepted; null when the spec changed nothing.</summary>
    public OperationId? Operation { get; private set; }

    /// <summary>Its actor, asked by its owner.</summary>
    public ActorProbe<EnvironmentState> Probe { get; }

    /// <summary>Its committed state.</summary>
    public EnvironmentState State => Probe.State!;

    /// <summary>The node of that name.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public NodeState this[string name] => State.Nodes.Values.Single(node => node.Spec.Name == name);

    /// <summary>Waits until the latest operation is done.</summary>
    /// <exception cref="TestKitException">It failed, was cancelled, or does not end.</exception>
    public TestEnvironment Done()
    {
        var end = Ended();
        return end.Phase == OperationPhase.Done ? this : throw _site.Run.Failure(
            $"waiting for operation {end.Operation}", "that it is done",
            $"it is {end.Phase}: {end.Failure?.Reason} {end.Failure?.Remedy}");
    }

    /// <summary>Waits until the latest operation ended, however.</summary>
    /// <exception cref="TestKitException">It does not end.</exception>
    public OperationEnded Ended()
    {
        var operation = Operation ?? throw new InvalidOperationException("No operation was accepted.");
        return _site.Run.Latest<OperationEnded>(Probe.Key, ended => ended.Operation == operation, $"{operation}");
    }

    /// <summary>
    /// Sends a command that starts an operation, such as <see cref="MoveNode"/>, <see cref="StopNodeNow"/> or
    /// <see cref="DeleteEnvironment"/>; follow it with <see cref="Done"/> or <see cref="Ended"/>.
    /// </summary>
    /// <exception cref="TestKitException">It was refused.</exception>
    public TestEnvironment Begin(object command)
    {
        Operation = Probe.Ask<OperationAccepted>(command).Operation;
        return this;
    }
}
