using System.Runtime.CompilerServices;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;
using VioActors.Simulation;
using VioActors.Simulation.Site;
using VioActors.Simulation.Time;

namespace VioActors.TestKit;

/// <summary>
/// A whole site in one thread: the production runtime, actors and agents on a store in memory, simulated hosts, and
/// virtual time. Every call waits (in virtual time) until its answer is there; between two calls nothing happens. The
/// same seed gives the same run.
/// </summary>
public sealed class TestSite : IDisposable
{
    /// <summary>An image that is there from the start.</summary>
    public const string Image = "tiny";

    private TestSite(TestSiteOptions options)
    {
        var loop = new VirtualLoop(options.Seed, TestRun.Start);
        // Without chaos of the user's own, faults happen only where the test says so.
        var chaos = options.Chaos ?? new SimChaos(options.Seed) { On = false };
        Sim = new SimSite(loop, options.Seed, chaos, options.Speeds ?? new SimSpeeds());
        Run = new TestRun(loop, Sim.Server, SimSite.Codec, options.Seed);
        Wait("starting", () => Sim.StartAsync(options.Hosts, options.HostMemoryMiB));
        Hosts = [.. Sim.Hosts.Select(id => new TestHost(this, id))];
    }

    /// <summary>The site.</summary>
    public SiteId Id => Sim.Id;

    /// <summary>Its hosts, in order.</summary>
    public IReadOnlyList<TestHost> Hosts { get; }

    /// <summary>The truth about machines, which actors only observe.</summary>
    public SimWorld World => Sim.World;

    /// <summary>Faults that happen by themselves, and how often they did.</summary>
    public SimChaos Chaos => Sim.Chaos;

    /// <summary>Reproduces the run.</summary>
    public int Seed => Run.Seed;

    /// <summary>Virtual time now.</summary>
    public DateTimeOffset Now => Run.Loop.Time.GetUtcNow();

    /// <summary>Every event of every actor so far, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Events => Run.Events;

    /// <summary>Messages that no turn could digest: none in a correct site.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => Sim.Server.Store.DeadLetters;

    internal SimSite Sim { get; }

    internal TestRun Run { get; }

    /// <summary>Starts a site; it takes milliseconds.</summary>
    public static TestSite Start(TestSiteOptions options) => new(options);

    /// <summary>Starts a site with this many hosts.</summary>
    public static TestSite Start(int hosts = 2, int seed = 1) => new(new() { Hosts = hosts, Seed = seed });

    /// <summary>
    /// Runs a scenario once undisturbed, and then once for each commit it made, with a crash of the server around that
    /// commit and another server within seconds. What the scenario asserts must hold every time.
    /// </summary>
    /// <param name="options">The site of every run.</param>
    /// <param name="scenario">Acts and asserts.</param>
    /// <returns>How many crashes there were.</returns>
    /// <exception cref="TestKitException">The scenario failed; its phase names the crash.</exception>
    public static int CrashEverywhere(TestSiteOptions options, Action<TestSite> scenario)
    {
        int RunOnce(int crashAt)
        {
            using var site = Start(options);
            var before = site.Chaos.Commits;
            if (crashAt > 0) site.CrashServerAtCommit(crashAt);
            scenario(site);
            return site.Chaos.Commits - before;
        }

        if (options.Chaos is not null)
            throw new ArgumentException("Chaos of its own would hide the crash: leave it out.", nameof(options));
        var commits = RunOnce(crashAt: 0);
        for (var commit = 1; commit <= commits; commit++)
        {
            try
            {
                RunOnce(commit);
            }
            catch (Exception failed)
            {
                throw new TestKitException($"with a crash around commit {commit} of {commits}", options.Seed, failed);
            }
        }

        return commits;
    }

    /// <summary>Applies a spec; it is accepted, and its operation runs, when this returns.</summary>
    /// <param name="spec">What is wanted; <see cref="Image"/> is an image it can name.</param>
    /// <param name="owner">Whose environment it is.</param>
    /// <exception cref="TestKitException">It was refused.</exception>
    public TestEnvironment Apply(EnvironmentSpec spec, string owner = "ann")
    {
        var by = new Principal(owner, Role.Owner);
        var accepted = Ask(ActorKinds.Site, Id.Value, new ApplySpec(spec, owner, DryRun: false), by)
            .Reply<ApplyAccepted>();
        return new TestEnvironment(this, accepted.Environment, by, accepted.Operation);
    }

    /// <summary>Sends a command to an actor of the site, by an administrator when nobody is named.</summary>
    public TestAnswer Ask(string kind, string id, object message, Principal? by = null) =>
        new(Run, new ActorKey(kind, id), message, (by ?? SimSite.Admin).ToString());

    /// <summary>An actor of the site, asked by an administrator when nobody is named.</summary>
    /// <typeparam name="TState">Its state: <c>SiteState</c>, <c>HostState</c>, <c>EnvironmentState</c> ...</typeparam>
    /// <param name="kind">One of <see cref="ActorKinds"/>.</param>
    /// <param name="id">Its id.</param>
    /// <param name="by">Who asks.</param>
    public ActorProbe<TState> Probe<TState>(string kind, string id, Principal? by = null) where TState : class =>
        new(Run, new ActorKey(kind, id), (by ?? SimSite.Admin).ToString());

    /// <summary>The oldest event of this type, of any actor, that was not given before; waits for it.</summary>
    /// <param name="where">What it must be besides; null for any.</param>
    /// <param name="within">Virtual time to wait; null for 15 minutes.</param>
    /// <param name="text">Filled in by the compiler.</param>
    /// <exception cref="TestKitException">It did not come.</exception>
    public TEvent Expect<TEvent>(
        Func<TEvent, bool>? where = null, TimeSpan? within = null,
        [CallerArgumentExpression(nameof(where))] string? text = null) => Run.Expect(null, where, text, within);

    /// <summary>Lets this much virtual time pass, in which no such event may come, or have come.</summary>
    /// <param name="during">Virtual time.</param>
    /// <param name="where">What it must not be; null for any.</param>
    /// <param name="text">Filled in by the compiler.</param>
    /// <exception cref="TestKitException">It came, and was not given before.</exception>
    public void ExpectNo<TEvent>(
        TimeSpan during, Func<TEvent, bool>? where = null,
        [CallerArgumentExpression(nameof(where))] string? text = null) => Run.ExpectNo(null, where, text, during);

    /// <summary>Lets virtual time pass, with everything that is due in it.</summary>
    public void Advance(TimeSpan by) => Run.Loop.Advance(by);

    /// <summary>The server dies without a word and stays down until <see cref="StartServer"/>.</summary>
    public void CrashServer() => Sim.Server.Crash();

    /// <summary>A new server starts on the same store; a living one dies first.</summary>
    public void StartServer()
    {
        Sim.Server.Crash();
        Wait("starting the server", Sim.StartServerAsync);
    }

    /// <summary>
    /// The server dies around a commit of the future, before or after it took effect as the seed draws, and starts
    /// again within seconds.
    /// </summary>
    /// <param name="commit">Which, counted from 1 for the next one.</param>
    public void CrashServerAtCommit(int commit) => Chaos.CrashAtCommit = Chaos.Commits + commit;

    /// <summary>Ends the server.</summary>
    public void Dispose() => Sim.Server.Crash();

    internal void Wait(string phase, Func<Task> work) => Run.Wait(phase, work);
}
