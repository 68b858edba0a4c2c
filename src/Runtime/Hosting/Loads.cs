namespace VioActors.Runtime;

/// <summary>
/// Reads what claimed shards contain, and the histories of actors: many in one call. Whatever actors gather while calls
/// are on their way is the next one; bounded in calls and in actors per call. Recovery never gives up: a store that is
/// away for an hour must not strand an actor for ever. What cannot be read is soon read alone, so that its neighbours
/// can. Loop only.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="loop">Where what was read is reported.</param>
/// <param name="limits">How long to wait after a failure.</param>
/// <param name="time">Waits.</param>
/// <param name="failed">Told why a call failed, on the loop.</param>
internal sealed class Loads(
    IStore store, SerialLoop loop, Limits limits, TimeProvider time, Action<string> failed)
{
    private const int MostCalls = 4;
    private const int MostActors = 128;

    private readonly Queue<Wish> _waiting = new();
    private int _calls;

    public void Add(ShardMachine machine, ShardOutput.LoadActor actor) =>
        _waiting.Enqueue(new Wish(machine, actor, MostActors, limits.StoreRetry));

    /// <summary>Shards were claimed: reads what they contain.</summary>
    public void Begin(IReadOnlyList<ShardMachine> machines) => _ = ReadAsync(machines, limits.StoreRetry);

    /// <summary>Starts as many calls as may run.</summary>
    public void Pump()
    {
        while (_calls < MostCalls && NextGroup() is { Count: > 0 } group)
        {
            _calls++;
            _ = ReadAsync(group);
        }
    }

    private List<Wish> NextGroup()
    {
        var (group, most) = (new List<Wish>(), MostActors);
        while (_waiting.TryPeek(out var next) && group.Count < Math.Min(most, next.Together))
        {
            _waiting.Dequeue();
            if (next.Machine.IsAborted)
                continue;
            group.Add(next);
            most = Math.Min(most, next.Together);
        }
        return group;
    }

    private async Task ReadAsync(List<Wish> group)
    {
        try
        {
            var histories = await store.LoadActorsAsync(
                group.ConvertAll(wish => (wish.Actor.Actor, wish.Actor.Schema)));
            await loop.PostAsync(() => End(group, histories));
        }
        catch (Exception e)
        {
            await loop.PostAsync(() => Fail(e.Message));
            await Task.Delay(group[0].Pause, time);
            var pause = Longer(group[0].Pause);
            await loop.PostAsync(() => group.ForEach(wish => _waiting.Enqueue(wish.Again(group.Count, pause))));
        }
    }

    private async Task ReadAsync(IReadOnlyList<ShardMachine> machines, TimeSpan pause)
    {
        try
        {
            var contents = await store.LoadShardsAsync([.. machines.Select(machine => machine.Token.Shard)]);
            await loop.PostAsync(() =>
            {
                foreach (var (machine, content) in machines.Zip(contents).Where(pair => !pair.First.IsAborted))
                    machine.Loaded(content);
            });
        }
        catch (Exception e)
        {
            await loop.PostAsync(() => failed(e.Message));
            await Task.Delay(pause, time);
            var wanted = machines.Where(machine => !machine.IsAborted && !loop.IsStopped);
            foreach (var half in wanted.Chunk((machines.Count + 1) / 2))
                _ = ReadAsync(half, Longer(pause));
        }
    }

    private void End(List<Wish> group, IReadOnlyList<ActorHistory> histories)
    {
        _calls--;
        for (var i = 0; i < group.Count; i++)
        {
            if (!group[i].Machine.IsAborted)
                group[i].Machine.ActorLoaded(group[i].Actor.Actor, histories[i]);
        }
    }

    private TimeSpan Longer(TimeSpan pause) => pause * 2 < limits.StoreRetryMax ? pause * 2 : limits.StoreRetryMax;

    private void Fail(string reason)
    {
        _calls--;
        failed(reason);
    }

    private sealed record Wish(ShardMachine Machine, ShardOutput.LoadActor Actor, int Together, TimeSpan Pause)
    {
        public Wish Again(int together, TimeSpan pause) =>
            this with { Together = Math.Max(1, together / 2), Pause = pause };
    }
}
