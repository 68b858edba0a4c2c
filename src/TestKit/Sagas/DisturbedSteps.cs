using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>What happens to one call of a step.</summary>
internal enum Disturbance
{
    /// <summary>It is done and says so.</summary>
    None,

    /// <summary>It is not done, and says that it failed.</summary>
    Fails,

    /// <summary>It is done, and says that it failed: the answer was lost.</summary>
    LosesAnswer,

    /// <summary>It is done twice, as after a crash.</summary>
    ComesTwice,
}

/// <summary>
/// Counts the calls of all steps of one run, forward and back, and disturbs those that it is told to.
/// </summary>
internal sealed class DisturbedSteps(IReadOnlyDictionary<int, Disturbance> at)
{
    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    public IEffectHandler Before(IEffectHandler handler) => new Step(this, handler);

    private sealed class Step(DisturbedSteps all, IEffectHandler inner) : IEffectHandler
    {
        public string Kind => inner.Kind;

        public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
        {
            var disturbance = all.Disturb();
            if (disturbance == Disturbance.Fails) throw Broken();
            if (disturbance == Disturbance.ComesTwice) await inner.RunAsync(actor, effect, cancel);
            var result = await inner.RunAsync(actor, effect, cancel);
            return disturbance == Disturbance.LosesAnswer ? throw Broken() : result;
        }

        private static EffectException Broken() => new("broken", "The suite broke this step.");
    }

    private Disturbance Disturb() => at.GetValueOrDefault(++Calls);
}
