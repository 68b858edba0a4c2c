namespace VioActors.Bench.Chaos;

/// <summary>Faults while clients work, then a check of everything, again and again.</summary>
internal sealed class ChaosCycles
{
    private const int Clients = 8;
    private const int MostFaults = 3;
    private const int RestoreOneIn = 12;

    private readonly ChaosSite _site;
    private readonly ChaosDice _dice;
    private readonly BenchRun _run;
    private readonly ChaosFaults _faults;
    private readonly ChaosLedger _ledger;
    private readonly ChaosMoves _moves;
    private readonly ChaosRestore _restore;
    private readonly ChaosClient[] _clients;
    private readonly List<double> _seconds = [];
    private readonly List<double> _wellAfter = [];
    private long _findings;

    /// <summary>Nothing runs yet.</summary>
    public ChaosCycles(ChaosSite site, ChaosDice dice, BenchRun run)
    {
        (_site, _dice, _run) = (site, dice, run);
        _faults = new ChaosFaults(site, dice, run);
        _ledger = new ChaosLedger(site.Postgres);
        _moves = new ChaosMoves(site.Cluster, run);
        _restore = new ChaosRestore(site, _ledger, _moves, dice, run);
        _clients = [.. Enumerable.Range(1, Clients).Select(n => new ChaosClient(site.Cluster, _ledger, n, run))];
    }

    /// <summary>Runs so many cycles.</summary>
    /// <exception cref="BenchException">The site does not come back by itself.</exception>
    public async Task RunAsync(int cycles)
    {
        await _moves.CreateAsync();
        for (var cycle = 1; cycle <= cycles; cycle++)
        {
            _run.Note($"cycle {cycle}");
            var start = _run.Time.GetTimestamp();
            if (_dice.OneIn(RestoreOneIn))
                await RestoreAsync();
            else
                await WorkAsync(StrikeAsync);
            await CheckAsync(cycle);
            _seconds.Add(_run.Time.GetElapsedTime(start).TotalSeconds);
        }
    }

    /// <summary>What was found, with the controls. Ends the site's work: the last control harms its store.</summary>
    public async Task TellAsync(Figures figures)
    {
        var (lost, doubled) = await _ledger.ControlAsync();
        var violations = await ChaosMoves.ControlAsync(_run.Time, _run.Cancel);
        await _site.Postgres.RunAsync(
            "DELETE FROM vio.event WHERE position = (SELECT max(position) FROM vio.event) / 2");
        var findings = await FindingsAsync();
        figures.Add("cycles", _seconds.Count, "faults, then a check of everything");
        figures.Add("lost", _ledger.Lost, "acknowledged writes that are not stored");
        figures.Add("lost_control", lost, "control: the same look after one write was taken out of a copy");
        figures.Add("doubled", _ledger.Doubled, "writes that are stored twice");
        figures.Add("doubled_control", doubled, "control: the same look after one write was put into a copy again");
        figures.Add("violations", _moves.Violations, "nodes that ran twice, or not at all");
        figures.Add("violations_control", violations, "control: the same check of a node started on two hosts");
        figures.Add("findings", _findings, "what `vio store check` found");
        figures.Add("findings_control", findings, "control: the same after an event was deleted");
        figures.Add("acknowledged", _clients.Sum(one => one.Acknowledged), "writes that were acknowledged");
        figures.Add("unknown", _clients.Sum(one => one.Unknown), "writes that were refused or not answered");
        figures.Add("moves", _moves.Ended, "moves that ended, done or failed");
        figures.Add("answers_cut", _site.Relays.Sum(relay => relay.AnswersCut), "answers that were held back and cut");
        figures.Add("restores", _restore.Done, "older copies put back, noticed by both servers, and adopted");
        figures.Add("lost_by_restore", _ledger.LostByRestore, "acknowledged writes newer than the copy, gone with it");
        figures.Add("operator_steps", _moves.OperatorSteps, "nodes freed or started by hand after that");
        figures.Add("cycle_p50_s", Samples.Median(_seconds), "one cycle");
        figures.Add("well_p50_s", Samples.Median(_wellAfter), "from the last fault until all is well again");
        figures.Add("well_p99_s", Samples.Percentile(_wellAfter, 0.99), "99th percentile of it");
        foreach (var (name, times) in _faults.Done)
            figures.Add($"fault_{name.Replace(",", "").Replace(' ', '_')}", times, "times");
        if (_ledger.Lost + _ledger.Doubled + _moves.Violations + _findings > 0)
            figures.Failure = "Something was lost, doubled or broken.";
        else if (lost != 1 || doubled != 1 || violations < 1 || findings < 1)
            figures.Failure = "A control did not find what was done to it.";
    }

    private async Task StrikeAsync()
    {
        for (var strike = _dice.UpTo(MostFaults); strike > 0; strike--) await _faults.StrikeAsync();
    }

    private async Task RestoreAsync()
    {
        _run.Note("  older copy put back");
        await WorkAsync(() => _restore.CopyAsync(() => _dice.OneIn(2) ? _faults.StrikeAsync() : Task.CompletedTask));
        await _restore.PutBackAsync();
    }

    private async Task WorkAsync(Func<Task> meanwhile)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_run.Cancel);
        var working = Task.WhenAll(
            [.. _clients.Select(one => one.RunAsync(stop.Token)), _moves.RunAsync(stop.Token)]);
        try
        {
            await meanwhile();
            var start = _run.Time.GetTimestamp();
            await _site.WellAsync(_run.Cancel);
            _wellAfter.Add(_run.Time.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            await stop.CancelAsync();
            await working;
        }
    }

    private async Task CheckAsync(int cycle)
    {
        await _moves.CheckAsync(cycle);
        await _ledger.CheckAsync();
        _findings += await FindingsAsync();
    }

    private async Task<int> FindingsAsync()
    {
        var report = await _site.Cluster.Api(0).Store.CheckAsync(_run.Cancel);
        foreach (var one in report.Findings.Take(5)) _run.Note($"  {one.Check}, {one.Subject}: {one.What}");
        return report.Findings.Length;
    }
}
