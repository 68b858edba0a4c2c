namespace VioActors.Runtime;

/// <summary>
/// Looks at the other servers, claims and gives up shards, renews leases, and knows until when they can be trusted.
/// Leases decide who serves; that nobody else can write is decided by the fence in each commit. The trust window is
/// that of River's leader election: counted on our monotonic clock from before the renewal was sent, less a margin.
/// </summary>
internal sealed class Leases(IStore store, ShardDriver driver, Limits limits, TimeProvider time)
{
    private static readonly TimeSpan TrimEvery = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly long _start = time.GetTimestamp();
    private SpreadMemory _spread = SpreadMemory.None;
    private long _trustStart;
    private volatile bool _hasTrust;
    private volatile bool _isDraining;
    private volatile bool _isWoken;
    private volatile string? _hold;
    private volatile CancellationTokenSource _pause = new();
    private DateTimeOffset _nextTrim;

    /// <summary>Why the last round failed; null when it did not.</summary>
    public string? Trouble { get; private set; }

    /// <summary>True while the lease surely runs.</summary>
    public bool IsTrusted => _hasTrust && SinceRenewal < limits.Lease - limits.LeaseMargin;

    /// <summary>True once every shard has been asked for.</summary>
    public bool HasClaimed => _hasTrust;

    private TimeSpan SinceRenewal => time.GetElapsedTime(Volatile.Read(ref _trustStart));

    public void Stop() => _stop.Cancel();

    /// <summary>
    /// From the next round on this server gives its shards to the others and takes none, or takes some again.
    /// </summary>
    public void Drain(bool isDraining)
    {
        _isDraining = isDraining;
        LookNow();
    }

    /// <summary>Why no shard is claimed; null when nothing forbids it.</summary>
    public string? Hold
    {
        get => _hold;
        set
        {
            _hold = value;
            LookNow();
        }
    }

    /// <summary>Ends the pause before the next round: somebody said that there is something to see.</summary>
    public void LookNow()
    {
        _isWoken = true;
        _pause.Cancel();
    }

    /// <summary>Rounds of looking, renewing and claiming until <see cref="Stop"/>.</summary>
    /// <param name="me">What this server says of itself, drained or not.</param>
    public async Task RunAsync(Func<bool, ServerRow> me)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await RoundAsync(me(_isDraining || _hold is not null));
                await PauseAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked for.
        }
    }

    /// <summary>Gives shards up, so that another server need not wait for the leases to end.</summary>
    public async Task ReleaseAsync(IEnumerable<ShardToken> tokens)
    {
        try
        {
            await store.ReleaseAsync([.. tokens]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The leases end by themselves; a stop must not fail because the store is away.
            Trouble = e.Message;
        }
    }

    /// <summary>Gives everything up and leaves the others' view.</summary>
    public async Task LeaveAsync(IEnumerable<ShardToken> tokens, string incarnation)
    {
        await ReleaseAsync(tokens);
        try
        {
            await store.LeaveAsync(incarnation);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Trouble = e.Message;
        }
    }

    private async Task PauseAsync()
    {
        var pause = _pause = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            // Whoever woke us during the round cancelled an older pause.
            if (!_isWoken)
                await Task.Delay(limits.LookEvery, time, pause.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // Woken.
        }
        _isWoken = false;
    }

    private async Task RoundAsync(ServerRow me)
    {
        try
        {
            var start = time.GetTimestamp();
            var isRenewal = !_hasTrust || SinceRenewal >= limits.RenewEvery;
            var isProlonged = isRenewal && await RenewAsync();
            // Not for as long as the lease: who froze must not count as the leader while its shards are free already.
            var view = await store.MeetAsync(me, limits.Lease - limits.RenewEvery);
            await driver.Loop.RunAsync(() => driver.See(view));
            var held = driver.Tokens.Select(token => token.Shard).ToHashSet();
            if (_hold is null)
                await PlaceAsync(Decide(view, me.Incarnation, held), me.Incarnation);
            if (isProlonged)
                Volatile.Write(ref _trustStart, start);
            _hasTrust |= isProlonged;
            Trouble = null;
            if (_hold is null)
                await TrimAsync();
            await driver.Loop.RunAsync(driver.StoreIsBack);
            await driver.Loop.RunAsync(() => driver.SweepAll(isRenewal));
        }
        catch (Exception e)
        {
            // The next round tries again; without success the trust runs out and no effect starts.
            Trouble = e.Message;
            await driver.Loop.PostAsync(() => { });
        }
    }

    /// <summary>
    /// Whether all that is held was renewed: not so when a doubt was resolved meanwhile, whose new token was not sent.
    /// </summary>
    private async Task<bool> RenewAsync()
    {
        var held = driver.Tokens;
        var renewed = held.IsEmpty ? [] : await store.RenewAsync(held, limits.Lease);
        for (var i = 0; i < renewed.Count; i++)
        {
            var token = held[i];
            if (!renewed[i])
                await driver.Loop.RunAsync(() => driver.Lose(token));
        }
        return driver.Tokens.All(token => held.IndexOf(token) is >= 0 and var i && renewed[i]);
    }

    private PlacementStep Decide(ClusterView view, string me, HashSet<int> held)
    {
        if (limits.Placement != ShardPlacement.ByLoad)
            return Placement.Decide(view, me, held, limits.Placement);
        (var step, _spread) = LoadSpread.Decide(view, me, held, time.GetElapsedTime(_start), _spread, limits);
        return step;
    }

    private async Task PlaceAsync(PlacementStep step, string owner)
    {
        if (!step.HandOver.IsEmpty)
            await driver.Loop.RunAsync(() => driver.HandOver(step.HandOver));
        if (step.Claim.IsEmpty || _stop.IsCancellationRequested)
            return;
        var tokens = await store.ClaimAsync(step.Claim, owner, limits.Lease);
        if (tokens.Count == 0)
            return;
        await driver.Loop.RunAsync(() => driver.Adopt(tokens));
        _isWoken = true; // so that we see ourselves as the owner at once
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
