using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Runtime;

namespace VioActors.Simulation.World;

/// <summary>
/// The manager that ships, in virtual time: its actor decides, its events make the next state, and what it starts is
/// done by the world. One for each site that plans for itself.
/// </summary>
internal sealed class WorldActor
{
    private static readonly Principal Operator = new("operator", Role.Admin);
    private readonly AdaptationActor _actor = new();
    private readonly ActorKey _self;
    private readonly WorldState _world;
    private readonly Queue<Effect> _started = new();
    private readonly SortedDictionary<string, TimerChange> _timers = new(StringComparer.Ordinal);
    private long _turns;

    internal WorldActor(WorldState world, ImmutableArray<int> sites)
    {
        (_world, Sites) = (world, sites);
        _self = new ActorKey(ActorKinds.Adaptation, world.Setup.Sites[sites[0]].Name);
        State = _actor.Initial(_self);
    }

    /// <summary>The sites it plans for.</summary>
    internal ImmutableArray<int> Sites { get; }

    /// <summary>Whether a node is of its sites.</summary>
    internal bool Sees(WorldNode node) =>
        node.Work is { EndedAt: null, Site: { } site } && Sites.Contains(site);

    internal AdaptationState State { get; private set; }

    /// <summary>What became of its changes.</summary>
    internal ChangeCounts Counts { get; } = new();

    /// <summary>Does what the manager starts; null: it goes on, and its end is told later.</summary>
    internal required Func<WorldActor, object, object?> Effects { get; init; }

    /// <summary>Somebody says how it shall work.</summary>
    internal void Set(AdaptMode mode, TimeSpan period) => Take(
        new SetAdaptation(mode, (int)period.TotalSeconds), Operator);

    /// <summary>Its timers that are due.</summary>
    internal void Tick()
    {
        while (_timers.Values.FirstOrDefault(one => one.Due <= _world.Clock) is { } due)
        {
            _timers.Remove(due.Name);
            Take(due.Message!);
        }
    }

    /// <summary>A result, and all that follows from it at once.</summary>
    internal void Take(object message) => Take(message, Principal.Adaptation);

    private void Take(object message, Principal who)
    {
        Turn(message, who);
        while (_started.TryDequeue(out var effect))
            if (Effects(this, effect.Payload) is { } done) Turn(done, who);
    }

    private void Turn(object message, Principal who)
    {
        var decision = _actor.Decide(State, message, new TurnInfo(
            _world.Clock, $"{_self.Id}-{++_turns}", _self, Sender: null, who.ToString(), Generation: 1));
        if (decision.Refusal is { } no) throw new InvalidOperationException($"The manager refused: {no.Reason}");
        foreach (var one in decision.Events)
        {
            State = _actor.Evolve(State, one);
            Counts.Take(one, State);
        }

        foreach (var timer in decision.Timers)
        {
            _timers.Remove(timer.Name);
            if (timer.Due is not null) _timers.Add(timer.Name, timer);
        }

        foreach (var effect in decision.Effects) _started.Enqueue(effect);
    }
}

/// <summary>What a manager planned, and what became of it.</summary>
internal sealed class ChangeCounts
{
    /// <summary>Plans that it kept: each changes something else than the one before.</summary>
    internal int Plans { get; private set; }

    internal int Done { get; private set; }

    internal int Refused { get; private set; }

    internal int Failed { get; private set; }

    /// <summary>Refusals and failures after which it left the node alone for some time.</summary>
    internal int Held { get; private set; }

    internal void Take(object @event, AdaptationState after)
    {
        if (@event is PlanMade) Plans++;
        if (@event is not ChangeEnded { Result: var result }) return;
        if (result.Phase == ChangePhase.Done) Done++;
        else if (result.Phase == ChangePhase.Refused) Refused++;
        else Failed++;
        if (after.Nodes.GetValueOrDefault(result.Node)?.HeldUntil is not null) Held++;
    }
}
