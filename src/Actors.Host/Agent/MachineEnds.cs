using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Actors.Host.Agent;

/// <summary>Tells whoever listens that a machine ended. Thread-safe.</summary>
public sealed class MachineEnds
{
    private ImmutableList<Action<NodeId?>> _listeners = [];

    /// <summary>Calls <paramref name="told"/> for each end until the result is disposed.</summary>
    /// <param name="told">
    /// Gets the node, or null when any machine may have ended unseen; called on any thread, so it returns at once.
    /// </param>
    public IDisposable Listen(Action<NodeId?> told)
    {
        ImmutableInterlocked.Update(ref _listeners, all => all.Add(told));
        return new Ear(this, told);
    }

    /// <summary>A machine ended, whoever ended it; null when any may have.</summary>
    public void Tell(NodeId? node)
    {
        foreach (var told in _listeners) told(node);
    }

    private sealed class Ear(MachineEnds ends, Action<NodeId?> told) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref ends._listeners, all => all.Remove(told));
    }
}
