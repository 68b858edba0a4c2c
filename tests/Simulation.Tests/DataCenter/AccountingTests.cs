using VioActors.Simulation.DataCenter;

namespace VioActors.Simulation.Tests.DataCenter;

public sealed class AccountingTests
{
    [Fact]
    public void Full_power_is_126_watts_each_for_all_but_one_interval() =>
        Assert.Equal(126.0 * 800 * 86100 / 3.6e6, DataCenterRun.FullPowerKwh, 9);

    [Fact]
    public void Steady_machines_cost_what_their_hosts_draw()
    {
        // One machine of 2500 MIPS at 20 % on host 1 (a G5): 500 of 5320 MIPS over 286 intervals.
        var report = DataCenterRun.Run([SyntheticTraces.Steady(0.2)], new FirstFit());
        Assert.Equal(HostType.G5.Power(500 / 5320.0) * 286 * 300 / 3.6e6, report.EnergyKwh, 6);
        Assert.Equal((0, 0.0, 0.0, 799), (report.Migrations, report.Violation, report.Unserved, report.Shutdowns));
        Assert.Equal(report.EnergyKwh * 287 / 286, report.Corrected.EnergyKwh, 6);
        Assert.True(LowerBound.EnergyKwh([SyntheticTraces.Steady(0.2)]) < report.EnergyKwh);
    }

    [Fact]
    public void States_hold_until_the_next_and_the_last_at_a_time_counts()
    {
        var levels = new ServiceLevels(1, 1);
        levels.Host(0, 0, 100, 100);
        levels.Host(0, 10, 50, 100);
        levels.Host(0, 10, 80, 100);
        levels.Host(0, 40, 0, 0);
        levels.Host(0, 90, 10, 10);
        levels.Vm(0, 0, 100, 100, moves: false);
        levels.Vm(0, 10, 80, 100, moves: true);
        levels.Vm(0, 40, 60, 100, moves: false);
        levels.Vm(0, 90, 60, 100, moves: false);
        levels.End();
        Assert.Equal(30 / 40.0, levels.ShortTime, 9);
        Assert.Equal(600 / 9000.0, levels.Withheld, 9);
        Assert.Equal((600 + 2000) / 9000.0, levels.Unserved, 9);
        Assert.Equal((1, 1), (levels.Shutdowns, levels.Wakes));
    }

    [Fact]
    public void A_move_withholds_a_tenth_while_it_lasts_and_leaves_the_target_short()
    {
        // From host 1 to host 3, both G5, at the first decision; 13.92 s of 2500 MIPS at 20 %.
        var report = DataCenterRun.Run([SyntheticTraces.Steady(0.2)], new OneMove());
        Assert.Equal(1, report.Migrations);
        const double billed = 286 * 300;
        Assert.Equal(0.1 * 13.92 / billed, report.Withheld, 9);
        Assert.Equal(13.92 / (billed + 13.92), report.ShortTime, 9);
    }

    [Theory]
    [InlineData("dvfs")]
    [InlineData("thr-mmt")]
    [InlineData("lr-mmt")]
    [InlineData("vio")]
    public void Runs_repeat_and_stay_between_the_bounds(string name)
    {
        var traces = SyntheticTraces.Of(60, 7);
        var first = DataCenterRun.Run(traces, Consolidations.Create(name));
        Assert.Equal(first, DataCenterRun.Run(traces, Consolidations.Create(name)));
        var least = LowerBound.EnergyKwh(traces) * (1 - first.Unserved);
        Assert.InRange(first.EnergyKwh, least, DataCenterRun.FullPowerKwh);
        if (name == "dvfs") Assert.Equal(0, first.Migrations);
        else Assert.True(first.Migrations > 0);
    }

    [Fact]
    public void The_steady_policy_saves_energy_and_moves_against_regression()
    {
        var traces = SyntheticTraces.Of(200, 11);
        var regression = DataCenterRun.Run(traces, Consolidations.Create("lr-mmt"));
        var steady = DataCenterRun.Run(traces, Consolidations.Create("vio"));
        Assert.True(steady.EnergyKwh < regression.EnergyKwh);
        Assert.True(steady.Migrations < regression.Migrations * 0.36);
        Assert.True(steady.Violation < regression.Violation * 0.65);
    }

    [Theory]
    [InlineData("20110303", "dvfs", 802.75, 0, 0)]
    [InlineData("20110303", "thr-mmt", 192.62, 26711, 0.00318)]
    [InlineData("20110303", "lr-mmt", 163.48, 27859, 0.00464)]
    [InlineData("20110309", "lr-mmt", 142.09, 24959, 0.00602)]
    public void Real_days_come_out_as_in_CloudSim(string day, string policy, double energy, int moves, double violation)
    {
        var folder = Environment.GetEnvironmentVariable("VIO_PLANETLAB");
        var file = Path.Combine(folder ?? "", $"{day}.tar.gz");
        if (folder is null || !File.Exists(file)) Assert.Skip("VIO_PLANETLAB does not name a folder with the traces.");
        var report = DataCenterRun.Run(TraceFiles.Read(file), Consolidations.Create(policy));
        Assert.Equal(energy, report.EnergyKwh, 0.01);
        Assert.Equal(moves, report.Migrations);
        Assert.Equal(violation, report.Violation * 100, 0.00001);
    }

    [Theory]
    [InlineData("dvfs")]
    [InlineData("lr-mmt")]
    [InlineData("vio")]
    public void More_machines_than_fit_are_refused(string name)
    {
        var traces = Enumerable.Repeat(SyntheticTraces.Steady(0.1), 4000).ToList();
        var refused = Assert.Throws<InvalidDataException>(() => DataCenterRun.Run(traces, Consolidations.Create(name)));
        Assert.Contains("800 hosts", refused.Message);
    }

    private sealed class OneMove : IConsolidation
    {
        private bool _done;

        public int Place(int vm, StartView view) => 1;

        public IReadOnlyList<VmMove> Decide(DataCenterView view)
        {
            if (_done) return [];
            _done = true;
            return [new VmMove(0, 3)];
        }
    }
}
