using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>Random sequences of everything that can reach a manager.</summary>
public sealed class ManagerProperties
{
    [Fact]
    public void Rounds_never_overlap_and_everything_stays_bounded()
    {
        for (var seed = 1; seed <= 40; seed++) new Walk(seed).Run(steps: 150);
    }

    [Fact]
    public void History_is_bounded()
    {
        var manager = Managers.Manager();
        for (var plan = 0; plan < ManagerLimits.History + 40; plan++) manager.Planned(Managers.Move(plan, 1, 2));
        Assert.Equal(ManagerLimits.History, manager.State.History.Count);
        Assert.Equal(ManagerLimits.History + 40, manager.State.History[^1].Plan);
    }

    private sealed class Walk(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly ActorHarness<AdaptationState> _manager = Managers.Manager();
        private readonly Dictionary<string, object> _effects = [];
        private readonly HashSet<string> _everStarted = [];

        public void Run(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                _manager.Now += TimeSpan.FromSeconds(_random.Next(60));
                Watch(Step());
            }

            _manager.AssertReplays();
        }

        private Decision Step() => _random.Next(9) switch
        {
            0 => _manager.Set(new SetAdaptation((AdaptMode)_random.Next(3), Paused: _random.Next(4) == 0)),
            1 => _manager.Ask(new AskPlan(null), "operator:olga"),
            2 => _manager.Apply(_random.Next(3) == 0 ? _random.Next(20) : null),
            3 or 4 => _manager.Ask(new AdaptTick()),
            _ => EndOne(),
        };

        /// <summary>Some effect ends; sometimes its result comes twice, as after a crash.</summary>
        private Decision EndOne()
        {
            if (_effects.Count == 0) return _manager.Ask(new AdaptTick());
            var (id, payload) = _effects.ElementAt(_random.Next(_effects.Count));
            if (_random.Next(5) > 0) _effects.Remove(id);
            return _random.Next(8) == 0
                ? _manager.Ask(new EffectFailed(id, payload, "broken", "It broke."))
                : _manager.Ask(ResultOf(payload));
        }

        private object ResultOf(object payload)
        {
            if (payload is AdaptChange change)
                return new AdaptChangeDone(
                    change.Plan, change.Change.Node, (ChangePhase)_random.Next(3, 6),
                    new Failure("why", "Because it is so.", "Try it again."), _random.Next(2) == 0, false);
            var round = (AdaptRound)payload;
            var changes = Enumerable.Range(1, 12).Where(_ => _random.Next(3) == 0).Select(node =>
                _random.Next(2) == 0
                    ? Managers.Move(node, 1 + (node % 3), 4 + (node % 3))
                    : Managers.Weight(node, 1 + (node % 3), 100 + _random.Next(100)));
            return new AdaptRoundDone(
                new RoundReport { Round = round.Round, At = _manager.Now },
                _random.Next(6) == 0 ? null : Managers.Plan(_manager.Now, [.. changes]));
        }

        private void Watch(Decision decision)
        {
            foreach (var effect in decision.Effects)
            {
                Assert.True(_everStarted.Add(effect.Id), $"seed {seed}: effect {effect.Id} was started twice");
                _effects.Add(effect.Id, effect.Payload);
            }

            var state = _manager.State;
            Assert.True(decision.Effects.Count(effect => effect.Payload is AdaptRound) <= 1);
            Assert.Equal(state.Rounds, _manager.Journal.OfType<RoundBegan>().Count());
            Assert.Equal(
                state.Rounds - (state.Round is null ? 0 : 1), _manager.Journal.OfType<RoundEnded>().Count());
            Assert.True(state.History.Count <= ManagerLimits.History && state.Work.Count <= ManagerLimits.Work);
            Assert.Equal(state.Work.Count, state.Work.Select(one => one.Change.Node).Distinct().Count());
            var moving = state.Work.Where(one => one.Runs && one.Change.Moves())
                .SelectMany(one => new[] { one.Change.From, one.Change.To }).ToList();
            Assert.Equal(moving.Count, moving.Distinct().Count());
        }
    }
}
