namespace VioActors.Runtime;

/// <summary>
/// Carries batches to the store, one group at a time: whatever gathers while a commit is on its way is the next group.
/// Finds out what happened when the call fails, for as long as that takes. Loop only.
/// </summary>
internal sealed class Committer(
    IStore store, SerialLoop loop, Limits limits, TimeProvider time, Action<ShardMachine> lost,
    Action<ShardMachine, ShardToken> renewed)
{
    private List<(ShardMachine Machine, ShardBatch Batch)> _waiting = [];
    private TaskCompletionSource _idle = Completed();
    private int _failures;

    /// <summary>Why the store cannot be written; null while it can.</summary>
    public string? Trouble { get; set; }

    /// <summary>Told each time that something became durable; join them before reading the journal.</summary>
    public Waiting Readers { get; } = new();

    public bool IsBusy { get; private set; }

    /// <summary>Completes when no commit is on its way.</summary>
    public Task Idle => _idle.Task;

    public void Add(ShardMachine machine, ShardBatch batch) => _waiting.Add((machine, batch));

    /// <summary>
    /// A machine is dropped: what it handed over must not be sent. False when it was sent or there is none.
    /// </summary>
    public bool Forget(ShardMachine machine) => _waiting.RemoveAll(entry => entry.Machine == machine) > 0;

    public void Pump()
    {
        if (IsBusy || _waiting.Count == 0)
            return;
        var group = _waiting;
        _waiting = [];
        IsBusy = true;
        _idle = New();
        _ = CommitAsync(group);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource Completed()
    {
        var source = New();
        source.SetResult();
        return source;
    }

    private async Task CommitAsync(List<(ShardMachine Machine, ShardBatch Batch)> group)
    {
        try
        {
            var outcomes = await store.CommitAsync(group.ConvertAll(entry => entry.Batch));
            await loop.PostAsync(() => End(group, outcomes));
        }
        catch (Exception e)
        {
            // Any failure of the call means that the outcome is unknown, so ask the store what it holds.
            await loop.PostAsync(() => Suspect(group, e.Message));
            foreach (var (machine, batch) in group)
                await ResolveAsync(machine, batch, e.Message);
            await loop.PostAsync(Finish);
        }
    }

    private void End(List<(ShardMachine Machine, ShardBatch Batch)> group, IReadOnlyList<CommitOutcome> outcomes)
    {
        _failures = 0;
        Trouble = null;
        for (var i = 0; i < group.Count; i++)
            group[i].Machine.BatchEnded(outcomes[i]);
        Finish();
    }

    private void Suspect(List<(ShardMachine Machine, ShardBatch Batch)> group, string reason)
    {
        Trouble = reason;
        foreach (var (machine, _) in group)
            machine.BatchUnknown(reason);
    }

    private async Task ResolveAsync(ShardMachine machine, ShardBatch batch, string reason)
    {
        while (!loop.IsStopped)
        {
            try
            {
                var resolution = await store.ResolveAsync(batch.Token);
                await loop.PostAsync(() => Resolve(machine, batch, resolution, reason));
                return;
            }
            catch (Exception e)
            {
                await loop.PostAsync(() => Trouble = e.Message);
                await Task.Delay(NextDelay(), time);
            }
        }
    }

    private void Resolve(ShardMachine machine, ShardBatch batch, Resolution? resolution, string reason)
    {
        if (machine.IsAborted)
            return;
        if (resolution is not { } found || found.LastBatch < batch.Number - 1 || found.LastBatch > batch.Number)
        {
            lost(machine);
            return;
        }
        renewed(machine, found.Token);
        if (found.LastBatch == batch.Number)
            machine.BatchEnded(CommitOutcome.Committed);
        else
            machine.BatchFailed(reason, time.GetUtcNow() + NextDelay());
    }

    private void Finish()
    {
        IsBusy = false;
        Readers.TellAll();
        _idle.TrySetResult();
    }

    private TimeSpan NextDelay()
    {
        var delay = limits.StoreRetry * Math.Pow(2, Math.Min(Interlocked.Increment(ref _failures) - 1, 16));
        return delay < limits.StoreRetryMax ? delay : limits.StoreRetryMax;
    }
}
