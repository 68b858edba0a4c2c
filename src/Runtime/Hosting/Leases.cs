namespace VioActors.Runtime;

/// <summary>
/// Claims shards, renews their leases, and knows until when they can be trusted. Leases decide who serves; that nobody
/// else can write is decided by the fence in each commit.
/// </summary>
internal sealed class Leases(IStore store, ShardDriver driver, Limits limits, TimeProvider time)
{
    private static readonly TimeSpan TrimEvery = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stop = new();
    private long _trustStart;
    private volatile bool _hasTrust;
    private DateTimeOffset _nextTrim;

    /// <summary>Why the last round failed; null when it did not.</summary>
    public string? Trouble { get; private set; }

    /// <summary>
    /// True while the lease surely runs: counted on our monotonic clock from before the renewal was sent, less a
    /// margin.
    /// </summary>
    public bool IsTrusted =>
        _hasTrust && time.GetElapsedTime(Volatile.Read(ref _trustStart)) < limits.Lease - limits.LeaseMargin;

    /// <summary>True once every shard has been asked for.</summary>
    public bool HasClaimed => _hasTrust;

    public void Stop() => _stop.Cancel();

    /// <summary>Rounds of renewing and claiming until <see cref="Stop"/>.</summary>
    public async Task RunAsync(string owner)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await RoundAsync(owner);
                await Task.Delay(limits.RenewEvery, time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked for.
        }
    }

    /// <summary>Gives every shard up, so that another server need not wait for the leases to end.</summary>
    public async Task ReleaseAsync(IEnumerable<ShardToken> tokens)
    {
        try
        {
            foreach (var token in tokens)
                await store.ReleaseAsync(token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The leases end by themselves; a stop must not fail because the store is away.
            Trouble = e.Message;
        }
    }

    private async Task RoundAsync(string owner)
    {
        try
        {
            var start = time.GetTimestamp();
            var held = driver.Tokens;
            var renewed = held.IsEmpty ? [] : await store.RenewAsync(held, limits.Lease);
            for (var i = 0; i < renewed.Count; i++)
            {
                var token = held[i];
                if (!renewed[i])
                    await driver.Loop.RunAsync(() => driver.Lose(token));
            }
            for (var shard = 0; shard < store.ShardCount && !_stop.IsCancellationRequested; shard++)
            {
                if (held.Any(token => token.Shard == shard))
                    continue;
                if (await store.ClaimAsync(shard, owner, limits.Lease) is { } token)
                    await driver.Loop.RunAsync(() => driver.Adopt(token));
            }
            Volatile.Write(ref _trustStart, start);
            _hasTrust = true;
            Trouble = null;
            await TrimAsync();
            await driver.Loop.RunAsync(driver.StoreIsBack);
        }
        catch (Exception e)
        {
            // The next round tries again; without success the trust runs out and no effect starts.
            Trouble = e.Message;
            await driver.Loop.PostAsync(() => { });
        }
    }

    private async Task TrimAsync()
    {
        var now = time.GetUtcNow();
        if (now < _nextTrim)
            return;
        await store.ForgetResultsAsync(now - limits.KeepResults);
        _nextTrim = now + TrimEvery;
    }
}
