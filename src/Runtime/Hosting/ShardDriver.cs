using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>Does what the machines want done, and tells them what came of it. Loop only.</summary>
internal sealed class ShardDriver
{
    private static readonly TimeSpan LongestAlarm = TimeSpan.FromDays(1);

    private readonly IStore _store;
    private readonly ActorCatalog _actors;
    private readonly MessageCodec _codec;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly SerialLoop _loop;
    private readonly Committer _committer;
    private readonly EffectRunner _effects;
    private readonly ShardMachine?[] _machines;
    private readonly ITimer _alarm;
    private readonly IPeers? _peers;
    private readonly SortedSet<int> _leaving = [];
    private readonly Hints _hints;
    private readonly Sweeps _sweeps;
    private readonly Loads _loads;
    private readonly ShardRates _rates;
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _turnsOfDropped;
    private long _commitsOfDropped;
    private bool _isStopping;
    private bool _hasAdopted;

    public ShardDriver(
        IStore store, ActorCatalog actors, MessageCodec codec, Limits limits, TimeProvider time,
        TaskScheduler scheduler, IPeers? peers, Action<Exception> failed)
    {
        (_peers, _hints) = (peers, new Hints(peers));
        (_store, _actors, _codec, _limits, _time) = (store, actors, codec, limits, time);
        _machines = new ShardMachine?[store.ShardCount];
        _loop = new SerialLoop(limits.LoopDepth, Pump, failed);
        _committer = new Committer(
            store, _loop, limits, time, machine => Drop(machine, "Another owner has the shard."), Renew);
        _effects = new EffectRunner(
            _loop, codec, limits, scheduler, (row, result) => At(row.Actor)?.EffectEnded(row, result));
        _sweeps = new Sweeps(store, _loop);
        (_rates, Hot) = (new ShardRates(store.ShardCount, time), new HotActors(time));
        _loads = new Loads(store, _loop, limits, time, reason => _committer.Trouble = reason);
        Leases = new Leases(store, this, limits, time);
        _alarm = time.CreateTimer(
            _ => _loop.TryPost(() => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop.Start(scheduler);
    }

    public Leases Leases { get; }

    public EffectRunner Effects => _effects;

    public SerialLoop Loop => _loop;

    public Task Idle => _committer.Idle;

    public Ownership Ownership { get; } = new();

    /// <summary>Completes when a shard is loaded for the first time and every owned one is.</summary>
    public Task Serving => _serving.Task;

    public Waiting Readers => _committer.Readers;

    /// <summary>The tokens held, replaced as a whole; readable from anywhere.</summary>
    public ImmutableArray<ShardToken> Tokens { get; private set; } = [];

    /// <summary>As of the last burst; readable from anywhere.</summary>
    public SystemStats Stats { get; private set; } = SystemStats.None;

    /// <summary>The last look at servers and shards, replaced as a whole; readable from anywhere.</summary>
    public ClusterView View { get; private set; } = ClusterView.Empty;

    /// <summary>Turns per second by shard, replaced as a whole; readable from anywhere.</summary>
    public ImmutableArray<int> Rates { get; private set; } = [];

    /// <summary>There was a look at servers and shards.</summary>
    public void See(ClusterView view)
    {
        (View, Rates) = (view, _rates.Next(view, shard => _machines[shard]?.Turns));
        Hot.Refresh();
    }

    /// <summary>Actors that hold others up.</summary>
    public HotActors Hot { get; }

    /// <summary>
    /// The others shall have these shards: each is released when nothing of it is on its way to the store.
    /// </summary>
    public void HandOver(IEnumerable<int> shards) =>
        _leaving.UnionWith(shards.Where(shard => _machines[shard] is not null));

    /// <summary>
    /// Messages of other servers may lie in these inboxes; or another server has given these shards away.
    /// </summary>
    public void Sweep(IEnumerable<int> shards)
    {
        var known = shards.Where(shard => shard >= 0 && shard < _machines.Length).ToList();
        if (known.Exists(shard => _machines[shard] is null))
            Leases.LookNow();
        _sweeps.Begin(
            known.Select(shard => _machines[shard]).OfType<ShardMachine>().Where(machine => machine.IsLoaded));
    }

    /// <summary>
    /// Looks into every inbox here while some shard is elsewhere, since hints may be lost; and after shards were
    /// claimed, since their last owner may have stored messages until then.
    /// </summary>
    public void SweepAll(bool isDue)
    {
        if (!_hasAdopted && !_sweeps.IsAnyBehind && (!isDue || Tokens.Length == _machines.Length))
            return;
        _hasAdopted = _machines.Any(machine => machine is { IsLoaded: false });
        Sweep(Tokens.Select(token => token.Shard));
    }

    /// <summary>Shards were claimed; the others shall look who has them.</summary>
    public void Adopt(IReadOnlyList<ShardToken> tokens)
    {
        if (_isStopping || Leases.Hold is not null)
            return;
        _hasAdopted = true;
        _sweeps.Require(_machines.OfType<ShardMachine>());
        foreach (var token in tokens)
        {
            if (_machines[token.Shard] is { } before)
                Drop(before, "The shard was claimed anew."); // the store took it from us and gave it back
            _machines[token.Shard] = new ShardMachine(token, _time.GetUtcNow(), _actors, _codec, _limits, Hot);
            Tokens = Tokens.Add(token);
        }
        _loads.Begin([.. tokens.Select(token => _machines[token.Shard]!)]);
        _hints.TellAll(View, tokens);
    }

    /// <summary>The store says that a token is stale.</summary>
    public void Lose(ShardToken token)
    {
        if (_machines[token.Shard] is { } machine && machine.Token == token)
            Drop(machine, "The shard's lease was lost.");
    }

    /// <summary>The store took a write of the lease: whatever was wrong, it is there again.</summary>
    public void StoreIsBack() => _committer.Trouble = null;

    public void Take(Ask ask)
    {
        if (Leases.Hold is { } hold)
            ask.Complete(AskResult.Later(_limits.RenewEvery, hold));
        else if (_isStopping || Trusted(ask.To) is not { } machine)
            ask.Complete(AskResult.Elsewhere(_limits.LookEvery, $"This server does not own the shard of {ask.To}."));
        else
            machine.Take(ask, _time.GetUtcNow());
    }

    public void Read(StateRead read)
    {
        if (Trusted(read.Actor) is { } machine)
            machine.Read(read);
        else
            read.Fail(new NotServingException($"This server does not own the shard of {read.Actor}."));
    }

    /// <summary>No further turns; <see cref="Idle"/> completes when the last commit is decided.</summary>
    public void BeginStop() => _isStopping = true;

    /// <summary>Answers everybody who still waits, and cancels all effects.</summary>
    public void DropAll(string reason)
    {
        foreach (var machine in _machines)
        {
            if (machine is not null)
                Drop(machine, reason);
        }
    }

    /// <summary>Ends everything at once, as a crash would, apart from telling running effects.</summary>
    public void Halt()
    {
        _serving.TrySetResult();
        _loop.Stop();
        _alarm.Dispose();
        _effects.CancelWhere(_ => true);
    }

    private void Renew(ShardMachine machine, ShardToken token) =>
        (Tokens, machine.Token) = (Tokens.Replace(machine.Token, token), token);

    /// <summary>
    /// What is answered from memory is true only while the lease surely runs: another may have gone on from there.
    /// </summary>
    private ShardMachine? Trusted(ActorKey actor) => _peers is null || Leases.IsTrusted ? At(actor) : null;

    private ShardMachine? At(ActorKey actor) => _machines[ShardMap.Of(actor, _machines.Length)];

    private void Pump()
    {
        bool moved;
        do
        {
            moved = false;
            foreach (var machine in _machines)
            {
                if (machine is null)
                    continue;
                if (_leaving.Contains(machine.Token.Shard))
                    machine.Finish(_time.GetUtcNow());
                else if (!_isStopping)
                    machine.Advance(_time.GetUtcNow());
                moved |= Perform(machine);
            }
        }
        while (moved);
        if (_leaving.Count > 0)
            GiveUp();
        _committer.Pump();
        _loads.Pump();
        _hints.Send(View);
        if (Leases.IsTrusted && !_isStopping)
            _effects.Pump();
        SetAlarm();
        Publish();
    }

    private bool Perform(ShardMachine machine)
    {
        var moved = false;
        while (machine.Outputs.TryDequeue(out var output))
        {
            moved = true;
            switch (output)
            {
                case ShardOutput.Commit commit:
                    _committer.Add(machine, commit.Batch);
                    break;
                case ShardOutput.Release release:
                    release.Ask.Complete(release.Result);
                    break;
                case ShardOutput.Deliver deliver:
                    Deliver(deliver.Row);
                    break;
                case ShardOutput.LoadActor load:
                    _loads.Add(machine, load);
                    break;
                case ShardOutput.FindResult find:
                    _ = FindResultAsync(machine, find.Ask);
                    break;
                case ShardOutput.StartEffect start:
                    _effects.Start(start.Effect);
                    break;
                case ShardOutput.CancelEffect cancel:
                    _effects.Cancel(cancel.Effect);
                    break;
                case ShardOutput.Lost lost:
                    Drop(machine, lost.Reason);
                    break;
            }
        }
        return moved;
    }

    private void Deliver(InboxRow row)
    {
        if (At(row.To) is not { } receiver)
            _hints.Add(ShardMap.Of(row.To, _machines.Length));
        else if (!_sweeps.IsBehind(receiver))
            receiver.Arrive(row);
        else if (receiver.IsLoaded)
            _sweeps.Begin([receiver]); // in its place behind what others stored; not loaded, at the next look
    }

    private void GiveUp()
    {
        var quiet = _machines.OfType<ShardMachine>()
            .Where(machine => machine.IsQuiet && _leaving.Contains(machine.Token.Shard)).ToList();
        var tokens = quiet.ConvertAll(machine => machine.Token);
        foreach (var machine in quiet)
            Drop(machine, "The shard moves to another server.");
        if (tokens.Count > 0)
            _ = ReleaseAsync(tokens);
    }

    /// <summary>Tells the others at once; without the hint they see it at their next look.</summary>
    private async Task ReleaseAsync(List<ShardToken> tokens)
    {
        await Leases.ReleaseAsync(tokens);
        _hints.TellAll(View, tokens);
    }

    private void Drop(ShardMachine machine, string reason)
    {
        if (machine.IsAborted)
            return;
        var shard = machine.Token.Shard;
        machine.Abort(reason, isSent: !_committer.Forget(machine));
        _machines[shard] = null;
        _leaving.Remove(shard);
        Tokens = Tokens.Remove(machine.Token);
        _turnsOfDropped += machine.Turns;
        _commitsOfDropped += machine.Commits;
        _effects.CancelWhere(actor => ShardMap.Of(actor, _machines.Length) == shard);
        foreach (var output in machine.Outputs)
        {
            switch (output)
            {
                case ShardOutput.Release release:
                    release.Ask.Complete(release.Result);
                    break;
                case ShardOutput.FindResult find:
                    find.Ask.Complete(AskResult.Later(_limits.LookEvery, reason));
                    break;
                case ShardOutput.Deliver deliver:
                    Deliver(deliver.Row);
                    break;
            }
        }
        machine.Outputs.Clear();
    }

    private async Task FindResultAsync(ShardMachine machine, Ask ask)
    {
        Action report;
        try
        {
            var found = await _store.FindResultAsync(ask.To, ask.Principal, ask.IdempotencyKey!);
            var reply = found?.Reply is { } body ? _codec.Decode(body) : null;
            report = () => machine.ResultFound(ask, found, reply);
        }
        catch (Exception e)
        {
            // Nothing has happened yet, whatever went wrong: the caller may come again.
            report = () => machine.ResultUnread(ask, e.Message);
        }
        await _loop.PostAsync(() =>
        {
            if (machine.IsAborted)
                ask.Complete(AskResult.Later(_limits.RenewEvery, "This server lost the shard."));
            else
                report();
        });
    }

    private void SetAlarm()
    {
        DateTimeOffset? wake = null;
        foreach (var machine in _machines)
        {
            if (machine?.NextWake is { } next && (wake is null || next < wake))
                wake = next;
        }
        if (wake is not { } at || _isStopping)
            _alarm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        else
        {
            var ticks = Math.Clamp((at - _time.GetUtcNow()).Ticks, TimeSpan.TicksPerMillisecond, LongestAlarm.Ticks);
            _alarm.Change(TimeSpan.FromTicks(ticks), Timeout.InfiniteTimeSpan);
        }
    }

    private void Publish()
    {
        var held = _machines.OfType<ShardMachine>().ToList();
        var trouble = _committer.Trouble ?? Leases.Trouble;
        var isStandby = held.Count == 0 && _peers is not null && View.Shards.Length > 0
            && View.Shards.All(shard => View.OwnerOf(shard.Shard) is not null);
        var allLoaded = (held.Count > 0 || isStandby) && Leases.HasClaimed
            && held.TrueForAll(machine => machine.IsLoaded);
        var reason = _isStopping ? "The server is stopping." : Leases.Hold ?? trouble
            ?? (allLoaded ? "" : held.Count == 0 ? "This server owns no shard yet." : "Shards are being loaded.");
        Ownership.See(held.Where(machine => machine.IsLoaded).Select(machine => machine.Token));
        Stats = new SystemStats(
            reason, held.Count, _machines.Length,
            _turnsOfDropped + held.Sum(machine => machine.Turns),
            _commitsOfDropped + held.Sum(machine => machine.Commits),
            held.Sum(machine => machine.Depth), held.Sum(machine => machine.LoadedActors), _effects.Running,
            held.SelectMany(machine => machine.Quarantined).ToImmutableSortedDictionary(StringComparer.Ordinal));
        if (allLoaded || Leases.Hold is not null)
            _serving.TrySetResult();
    }
}
