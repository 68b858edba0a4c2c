using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;
using VioActors.Daemon.Tests.Cli;

namespace VioActors.Daemon.Tests.Demo;

public sealed class DemoReportTests
{
    [Fact]
    public void The_last_line_has_the_figures_in_their_order()
    {
        var figures =
            new DemoFigures { ["left_over"] = 0, ["pairs_reached"] = 12, ["create_s"] = DemoFigures.Round(12.34) };

        var line = DemoReport.ToJson("qemu", figures, failure: null).ToJsonString();

        const string figuresInOrder =
            "'create_s':12.3,'pairs_reached':12,'frames_crossed':null,'move_lost_pings':null,'move_gap_ms':null,"
            + "'move_downtime_ms':null,'tcp_kept':null,'disk_intact':null,'recovered_from_server_kill':null,"
            + "'copies_running':null,'switchd_restored_s':null,'left_over':0";
        var expected = $"{{'result':'ok','hypervisor':'qemu','figures':{{{figuresInOrder}}}}}".Replace('\'', '"');
        Assert.Equal(expected, line);
    }

    [Fact]
    public void A_failure_says_so_and_why()
    {
        var line = DemoReport.ToJson("qemu", new DemoFigures(), "n1 is on fire.");

        Assert.Equal(("failed", "n1 is on fire."), ((string?)line["result"], (string?)line["reason"]));
    }

    [Fact]
    public void An_unknown_figure_is_a_bug() =>
        Assert.Throws<InvalidOperationException>(() => new DemoFigures()["nonsense"] = 1);

    [Fact]
    public async Task Without_a_terminal_every_change_is_a_line()
    {
        var host = CliRun.HostOf();
        await new DemoView(new Output(host, json: false)).RunAsync(["lab", "create"], views =>
        {
            views[1].At(0.1, "booting");
            views[1].At(0.2, "booting");
            views[1].End(held: true, "4 nodes");
            return Task.CompletedTask;
        });

        Assert.Equal("[1/1] create: booting\n[1/1] create: held: 4 nodes\n", host.Error.ToString());
    }
}
