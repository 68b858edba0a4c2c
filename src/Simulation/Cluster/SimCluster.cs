using VioActors.Runtime;
using VioActors.Simulation.Time;

namespace VioActors.Simulation.Cluster;

/// <summary>One process of a server: it is killed at the latest when its cluster ends.</summary>
internal sealed record ServerLife(string Name, Gate Gate, GatedTime Clock, ActorSystem System, BankActor Bank);

/// <summary>
/// Several servers of the production runtime on one store, in one thread and on virtual time. The servers die, freeze
/// and come back; the store stays.
/// </summary>
internal sealed class SimCluster
{
    private const int Shards = 8;
    private const int MaxJson = 10_000;

    /// <summary>More characters than the store takes in one event.</summary>
    public const int TooLong = MaxJson + 1;

    private readonly VirtualLoop _loop;
    private readonly ClusterChaos _chaos;
    private readonly int _seed;
    private readonly SimLinks _links;
    private readonly ServerLife?[] _lives;
    private int _started;
    private DateTimeOffset _adopted = DateTimeOffset.MinValue;

    public SimCluster(VirtualLoop loop, int seed, ClusterChaos chaos, int servers, Limits limits)
    {
        (_loop, _seed, _chaos) = (loop, seed, chaos);
        _links = new SimLinks(this, chaos);
        _lives = new ServerLife?[servers];
        Limits = limits;
        Store = new MemoryStore(loop.Time, Shards, MaxJson);
        Store.Faults.Before = BeforeAsync;
        Store.Faults.After = AfterAsync;
        Store.Faults.OnCommit = _ => Fate();
    }

    /// <summary>The disk.</summary>
    public MemoryStore Store { get; }

    /// <summary>The true clock, which is the store's.</summary>
    public TimeProvider Time => _loop.Time;

    /// <summary>Of every server.</summary>
    public Limits Limits { get; }

    /// <summary>Number of shards.</summary>
    public int ShardCount => Shards;

    /// <summary>
    /// Whether nobody but an owner whose lease runs may answer: adopting a store ends all leases without a word.
    /// </summary>
    public bool IsLeaseSacred => Time.GetUtcNow() - _adopted > Limits.Lease * 2;

    /// <summary>Number of servers.</summary>
    public int Count => _lives.Length;

    /// <summary>Effects that ran, and what was wrong with one.</summary>
    public WorkLog Work { get; } = new();

    /// <summary>A server by its place; null while it is dead.</summary>
    public ServerLife? this[int server] => _lives[server];

    /// <summary>The process that the store's row speaks of; null when it is gone.</summary>
    public ServerLife? Find(ServerRow row) =>
        _lives.FirstOrDefault(life => life?.System.Incarnation == row.Incarnation);

    /// <summary>A server that lives, and runs or is frozen, drawn; null when it is dead.</summary>
    public ServerLife? Any() => _lives[_chaos.Below(_lives.Length)];

    /// <summary>Starts a server that is dead.</summary>
    public void Start(int server)
    {
        var gate = new Gate();
        var clock = new GatedTime(_loop.Time, gate);
        var name = $"s{server}";
        var store = new GatedStore(Store, gate);
        var bank = new BankActor();
        var system = new ActorSystem(
            store, BankMessages.Codec, $"life-{_seed}-{++_started}", clock, Limits, _loop,
            new ServerPlace(name, () => name, _links)).AddActor(bank);
        system.AddEffects(new WorkHandler(this, _chaos, gate, clock, system));
        _lives[server] = new ServerLife(name, gate, clock, system, bank);
        _ = system.StartAsync();
    }

    /// <summary>SIGKILL; whether the store notices at once is drawn, as a cut network would hide it.</summary>
    public void Kill(int server)
    {
        if (_lives[server] is not { } life) return;
        _lives[server] = null;
        life.Gate.Kill();
        life.System.Abandon();
        if (_chaos.Below(2) == 0) Store.NoticeEnd(life.System.Incarnation);
    }

    /// <summary>SIGTERM: it ends what it does and gives its shards up.</summary>
    public void Stop(int server)
    {
        if (_lives[server] is not { } life) return;
        _lives[server] = null;
        _ = life.System.DisposeAsync();
    }

    /// <summary>
    /// Somebody decides that the store counts, as after a restore: all leases end, the generation rises.
    /// </summary>
    public async Task AdoptAsync()
    {
        _adopted = Time.GetUtcNow();
        try
        {
            await Store.AdoptAsync();
        }
        catch (StoreUnavailableException)
        {
            // It was away.
        }

        _adopted = Time.GetUtcNow();
    }

    /// <summary>What each server says of itself, for a trace.</summary>
    public override string ToString() => string.Join(", ", _lives.Select(life => life is null ? "dead"
        : $"{life.Name} {life.System.Incarnation} [{string.Join(' ', life.System.LoadedShards)}] "
            + $"{life.System.Stats.Reason}"));

    private async Task BeforeAsync(string operation)
    {
        if (_chaos.Draw("store slow", _chaos.StoreTrouble))
            await Task.Delay(_chaos.Between(TimeSpan.Zero, TimeSpan.FromSeconds(_chaos.Below(3) == 0 ? 12 : 3)), Time);
        else
            await Task.Delay(_chaos.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(3)), Time);
        if (operation != "commit" && (_chaos.IsStoreAway || _chaos.Draw("store call fails", _chaos.StoreTrouble)))
            throw new StoreUnavailableException("(simulated)", "it is away", "Wait.");
    }

    private Task AfterAsync(string operation) => Task.Delay(
        _chaos.Draw("answer of the store late", _chaos.StoreTrouble)
            ? _chaos.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3))
            : _chaos.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(3)), Time);

    private CommitFault Fate() =>
        _chaos.IsStoreAway ? CommitFault.Refuse
        : _chaos.Draw("commit lost", _chaos.CommitLoss) ? CommitFault.FailBefore
        : _chaos.Draw("commit without an answer", _chaos.CommitLoss) ? CommitFault.FailAfter
        : _chaos.Draw("commit late", _chaos.CommitLoss) ? CommitFault.FailLate
        : _chaos.Draw("commit refused", _chaos.CommitLoss) ? CommitFault.Refuse
        : CommitFault.None;
}
