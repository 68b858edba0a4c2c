using System.Runtime.CompilerServices;
using VioActors.Runtime;
using VioActors.Simulation;
using VioActors.Simulation.Site;
using VioActors.Simulation.Time;

namespace VioActors.TestKit;

/// <summary>When, around a commit, the server dies.</summary>
public enum CrashMoment
{
    /// <summary>Nothing of the commit is stored.</summary>
    Before,

    /// <summary>All of the commit is stored, and nobody heard of it.</summary>
    After,
}

/// <summary>
/// Actors of your own in the production runtime, on a store in memory, on virtual time, in one thread. Every call waits
/// (in virtual time) until its answer is there; between two calls nothing happens. The same seed gives the same run.
/// </summary>
public sealed class TestActors : IDisposable
{
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(1);
    private readonly ActorSetup _setup;
    private readonly TestRun _run;
    private readonly MemoryStore _store;
    private (int Commit, CrashMoment Moment) _crash;

    private TestActors(ActorSetup setup, int seed)
    {
        _setup = setup;
        var loop = new VirtualLoop(seed, TestRun.Start);
        _store = new MemoryStore(loop.Time, shardCount: 4);
        _store.Faults.OnCommit = _ => Fate();
        var server = new SimServer(loop, _store, setup.Codec, seed, setup.Register);
        _run = new TestRun(loop, server, setup.Codec, seed);
        Restart();
    }

    /// <summary>Reproduces the run.</summary>
    public int Seed => _run.Seed;

    /// <summary>Virtual time now.</summary>
    public DateTimeOffset Now => _run.Loop.Time.GetUtcNow();

    /// <summary>Commits so far.</summary>
    public int Commits { get; private set; }

    /// <summary>Every event of every actor so far, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Events => _run.Events;

    /// <summary>Messages that no turn could digest, oldest first.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => _store.DeadLetters;

    /// <summary>Starts the actors.</summary>
    /// <param name="setup">A new one for each run.</param>
    /// <param name="seed">Draws the order of what is ready at the same time.</param>
    public static TestActors Start(ActorSetup setup, int seed = 1) => new(setup, seed);

    /// <summary>
    /// Runs a scenario once undisturbed, and then once for each commit it made and each <see cref="CrashMoment"/>, with
    /// a crash just there and another server a second later. What the scenario asserts must hold every time.
    /// </summary>
    /// <param name="setup">Makes actors and a world outside anew. Held effects do not fit here: they would have to be
    /// answered again after a crash; give handlers.</param>
    /// <param name="scenario">Acts and asserts.</param>
    /// <param name="seed">Draws the order of what is ready at the same time.</param>
    /// <returns>How many crashes there were.</returns>
    /// <exception cref="TestKitException">The scenario failed; its phase names the crash.</exception>
    public static int CrashEverywhere(Func<ActorSetup> setup, Action<TestActors> scenario, int seed = 1)
    {
        int commits;
        using (var undisturbed = Start(setup(), seed))
        {
            scenario(undisturbed);
            commits = undisturbed.Commits;
        }

        foreach (var moment in Enum.GetValues<CrashMoment>())
            for (var commit = 1; commit <= commits; commit++)
            {
                using var actors = Start(setup(), seed);
                actors.CrashAtCommit(commit, moment);
                try
                {
                    scenario(actors);
                }
                catch (Exception failed)
                {
                    throw new TestKitException($"with a crash {moment} commit {commit} of {commits}", seed, failed);
                }
            }

        return commits * 2;
    }

    /// <summary>One actor.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="principal">Who asks it.</param>
    public ActorProbe<TState> Actor<TState>(string kind, string id, string principal = "test") where TState : class =>
        new(_run, new ActorKey(kind, id), principal);

    /// <summary>The oldest running effect of a kind that is held and was not given before; waits for it.</summary>
    /// <exception cref="TestKitException">None started.</exception>
    public HeldEffect ExpectEffect(string kind)
    {
        var held = _setup.Held[kind];
        _run.Until($"waiting for an effect '{kind}'", "one", () => held.Next is not null, () => "none started");
        var next = held.Next!;
        held.Give(next);
        return next;
    }

    /// <summary>The oldest message of this type that stand-ins got and the test did not; waits for it.</summary>
    /// <param name="kind">The kind of actor that is replaced.</param>
    /// <param name="where">What it must be besides; null for any.</param>
    /// <param name="text">Filled in by the compiler.</param>
    /// <exception cref="TestKitException">None came.</exception>
    public TMessage ExpectHeard<TMessage>(
        string kind, Func<TMessage, bool>? where = null,
        [CallerArgumentExpression(nameof(where))] string? text = null)
    {
        var waiting = _setup.StandIns[kind].Waiting;
        HeardMessage? Next() =>
            waiting.Find(heard => heard.Message is TMessage message && where?.Invoke(message) != false);
        _run.Until(
            $"listening as '{kind}'", typeof(TMessage).Name + (where is null ? "" : $" where {text}"),
            () => Next() is not null, () => $"heard {(waiting.Count == 0 ? "nothing" : string.Join(", ", waiting))}");
        var next = Next()!;
        waiting.Remove(next);
        return (TMessage)next.Message;
    }

    /// <summary>Lets virtual time pass, with everything that is due in it.</summary>
    public void Advance(TimeSpan by) => _run.Loop.Advance(by);

    /// <summary>The server dies without a word and stays down until <see cref="Restart"/>.</summary>
    public void Crash()
    {
        _run.Server.Crash();
        foreach (var held in _setup.Held.Values) held.Forget();
    }

    /// <summary>A new server starts on the same store; a living one dies first.</summary>
    public void Restart()
    {
        Crash();
        _run.Wait("starting", _run.Server.StartAsync);
    }

    /// <summary>The server dies around a commit of the future; another starts a second later.</summary>
    /// <param name="commit">Which, counted from 1 for the next one.</param>
    /// <param name="moment">Before or after it took effect.</param>
    public void CrashAtCommit(int commit, CrashMoment moment = CrashMoment.After) =>
        _crash = (Commits + commit, moment);

    /// <summary>Ends the server.</summary>
    public void Dispose() => Crash();

    private CommitFault Fate()
    {
        if (++Commits != _crash.Commit) return CommitFault.None;
        Crash();
        _ = _run.Loop.Start(async () =>
        {
            await Task.Delay(RestartAfter, _run.Loop.Time);
            if (!_run.Server.IsAlive) await _run.Server.StartAsync();
        });
        return _crash.Moment == CrashMoment.Before ? CommitFault.FailBefore : CommitFault.FailAfter;
    }
}
