namespace VioActors.Simulation.Site;

/// <summary>Which faults a simulated site suffers; all of them only while <see cref="On"/>.</summary>
public sealed class SimChaos(int seed)
{
    private readonly Random _random = new(seed);
    private int _commits;

    /// <summary>Whether faults happen now. Off in the liveness phase.</summary>
    public bool On { get; set; } = true;

    /// <summary>Chance that a command's request or answer is lost and the connection breaks.</summary>
    public double Loss { get; init; } = 0.05;

    /// <summary>Chance that a command arrives twice.</summary>
    public double Doubling { get; init; } = 0.05;

    /// <summary>Chance that a commit is the server's last act, before or after it took effect.</summary>
    public double CrashPerCommit { get; init; } = 0.01;

    /// <summary>Chance, per half second of waiting, that the server dies while it may have nothing to commit.</summary>
    public double CrashWhileWaiting { get; init; } = 0.03;

    /// <summary>
    /// Chance, per command, that the hypervisor or the switch of its host fails at the next call of some kind.
    /// </summary>
    public double HostFault { get; init; } = 0.05;

    /// <summary>
    /// Chance that a commit's answer never comes although the server lives, whether it took effect or not.
    /// </summary>
    public double BrokenCommit { get; init; } = 0.02;

    /// <summary>The commit, counted from 1, at which the server surely dies; 0 for none.</summary>
    public int CrashAtCommit { get; set; }

    /// <summary>Chance, per command, that the agent dies while it works.</summary>
    public double AgentCrash { get; init; } = 0.01;

    /// <summary>
    /// Chance, per command, that the host's connection is lost just then: for some seconds, or for longer than the
    /// fabric waits, so that the host is told away.
    /// </summary>
    public double HostAway { get; init; } = 0.01;

    /// <summary>Chance, per half second of waiting, that a machine ends by itself.</summary>
    public double MachineEnd { get; init; } = 0.004;

    /// <summary>
    /// Chance, per half second of waiting, that a host loses its power; it comes back, or an administrator declares it
    /// off.
    /// </summary>
    public double HostDeath { get; init; } = 0.002;

    /// <summary>
    /// What a move copies per second, MiB: in every third run so slow that other faults land in the middle of it.
    /// </summary>
    public double CopyMiBps { get; init; } = seed % 3 == 0 ? 8 : 100;

    /// <summary>Commits seen so far.</summary>
    public int Commits => _commits;

    /// <summary>How many faults of each kind happened: a run without faults proves nothing.</summary>
    public SortedDictionary<string, int> Happened { get; } = new(StringComparer.Ordinal);

    internal bool Draw(string what, double chance) => On && _random.NextDouble() < chance && Note(what);

    internal TimeSpan Pause(int mostMs) => TimeSpan.FromMilliseconds(_random.Next(1, mostMs + 1));

    internal int Pick(int below) => _random.Next(below);

    /// <summary>The fate of the next commit.</summary>
    internal (bool Crash, CommitFault Fault) NextCommit()
    {
        _commits++;
        var crash = _commits == CrashAtCommit
            ? Note("crash at the chosen commit")
            : Draw("crash at a commit", CrashPerCommit);
        var broken = crash || Draw("commit without an answer", BrokenCommit);
        return (crash,
            !broken ? CommitFault.None : _random.Next(2) == 0 ? CommitFault.FailBefore : CommitFault.FailAfter);
    }

    internal bool Note(string what)
    {
        Happened[what] = Happened.GetValueOrDefault(what) + 1;
        return true;
    }
}
