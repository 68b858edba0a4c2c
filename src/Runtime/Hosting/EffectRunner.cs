namespace VioActors.Runtime;

/// <summary>
/// Runs effects: bounded per kind, cancellable, results reported to the loop. Holds nothing that matters, since the
/// rows
/// of pending effects start them again after a crash. Loop only.
/// </summary>
/// <param name="loop">Where results are reported.</param>
/// <param name="codec">Reads payloads.</param>
/// <param name="limits">How many run at once.</param>
/// <param name="scheduler">Where handlers run.</param>
/// <param name="ended">Takes each result, on the loop.</param>
internal sealed class EffectRunner(
    SerialLoop loop, MessageCodec codec, Limits limits, TaskScheduler scheduler, Action<EffectRow, object> ended)
{
    private readonly SortedDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EffectRow Effect, CancellationTokenSource? Cancel)> _wanted =
        new(StringComparer.Ordinal);

    public int Running { get; private set; }

    /// <summary>Before the start only.</summary>
    public void Add(IEffectHandler handler)
    {
        if (!_lanes.TryAdd(handler.Kind, new Lane(handler)))
            throw new ArgumentException($"Two handlers are registered for effects '{handler.Kind}'.", nameof(handler));
    }

    public void Start(EffectRow effect)
    {
        if (!_wanted.TryAdd(effect.TurnId, (effect, null)))
            return;
        if (!_lanes.TryGetValue(effect.Kind, out var lane))
            _lanes.Add(effect.Kind, lane = new Lane(null));
        lane.Waiting.Enqueue(effect);
    }

    public void Cancel(EffectRow effect)
    {
        if (_wanted.Remove(effect.TurnId, out var entry) && entry.Cancel is { } cancel)
            // Not inline: a handler's reaction to the cancellation must not run on the loop.
            _ = Task.Factory.StartNew(
                cancel.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
    }

    /// <summary>Cancels the effects of a shard that is no longer ours, or of all.</summary>
    public void CancelWhere(Func<ActorKey, bool> isOver)
    {
        foreach (var (effect, _) in _wanted.Values.Where(entry => isOver(entry.Effect.Actor)).ToList())
            Cancel(effect);
    }

    /// <summary>Starts what may start. Call only while the lease is trusted.</summary>
    public void Pump()
    {
        foreach (var lane in _lanes.Values)
        {
            while (lane.Running < limits.EffectsPerKind && lane.Waiting.TryDequeue(out var effect))
            {
                if (!_wanted.ContainsKey(effect.TurnId))
                    continue;
                var cancel = new CancellationTokenSource();
                _wanted[effect.TurnId] = (effect, cancel);
                lane.Running++;
                Running++;
                _ = RunAsync(lane, effect, cancel);
            }
        }
    }

    private async Task RunAsync(Lane lane, EffectRow effect, CancellationTokenSource cancel)
    {
        var result = await ResultAsync(lane.Handler, effect, cancel.Token);
        await loop.PostAsync(() =>
        {
            lane.Running--;
            Running--;
            var isWanted = _wanted.TryGetValue(effect.TurnId, out var entry) && entry.Cancel == cancel;
            cancel.Dispose();
            if (!isWanted)
                return;
            _wanted.Remove(effect.TurnId);
            ended(effect, result);
        });
    }

    private async Task<object> ResultAsync(IEffectHandler? handler, EffectRow row, CancellationToken cancel)
    {
        object payload = row.Body;
        try
        {
            payload = codec.Decode(row.Body);
            if (handler is null)
                throw new EffectException("no-handler", $"No handler is registered for effects '{row.Kind}'.");
            var work = Task.Factory.StartNew(
                () => handler.RunAsync(row.Actor, new Effect(row.Id, row.Kind, payload), cancel),
                cancel, TaskCreationOptions.DenyChildAttach, scheduler);
            return await await work
                ?? throw new EffectException("no-result", $"The handler of '{row.Kind}' returned nothing.");
        }
        catch (Exception e)
        {
            // A handler may throw anything; the actor hears of it as a message.
            var code = e is EffectException { Code: var known } ? known : "effect-failed";
            return new EffectFailed(row.Id, payload, code, e.Message);
        }
    }

    private sealed class Lane(IEffectHandler? handler)
    {
        public IEffectHandler? Handler { get; } = handler;

        public Queue<EffectRow> Waiting { get; } = new();

        public int Running { get; set; }
    }
}
