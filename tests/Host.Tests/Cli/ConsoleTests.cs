using Spectre.Console;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Cli.Live;

namespace VioActors.Daemon.Tests.Cli;

/// <summary>What the live view shows; and where it does not start.</summary>
public sealed class ConsoleTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_shows_rates_owners_and_the_selected_letter()
    {
        var before = Snapshot(at: 0, turns: 100);
        var now = Snapshot(at: TimeProvider.System.TimestampFrequency * 2, turns: 300);
        var text = Drawn(now, before, selected: 1, "again");
        Assert.Contains("2 servers, 2 of 4 shards serve", text, StringComparison.Ordinal);
        Assert.Contains("shards AAb-", text, StringComparison.Ordinal);
        Assert.Contains("A s1, B s2", text, StringComparison.Ordinal);
        Assert.Matches(@"s1 \*\s+serving\s+2\s+7\s+3\s+100\s", text);
        Assert.Matches(@">\s+host/h2", text);
        Assert.DoesNotMatch(@">\s+host/h1", text);
        Assert.Contains("again", text, StringComparison.Ordinal);
        Assert.Matches(@"host/of-s2\s+56.8 ms\s+host.observe/1\s+2030-01-01 12:00:00Z\s+s2", text);
        Assert.Matches(@"site/of-s1\s+532\s+s1", text);
    }

    [Fact]
    public void Slow_actors_of_all_servers_are_sorted_together()
    {
        var found = SlowActors.Of(Snapshot(0, 0).Cluster, most: 1);
        Assert.Equal(("host/of-s2", "s2"), (found.Slow.Single().Actor, found.Slow.Single().Server));
        Assert.Equal(("site/of-s1", 532), (found.Mailboxes.Single().Actor, found.Mailboxes.Single().Waiting));
    }

    [Fact]
    public void Without_an_earlier_look_there_is_no_rate() =>
        Assert.Null(Snapshot(0, 100).RateOf(Server("s1", 100), null, TimeProvider.System));

    [Fact]
    public async Task Without_a_terminal_it_says_what_programs_read()
    {
        var run = await CliRun.OfAsync(CliRun.HostOf(), ["console", "--server", "unix:/nowhere"]);
        Assert.Equal(ExitCode.WrongUsage, run.Code);
        Assert.Contains("vio cluster status --json", run.Error, StringComparison.Ordinal);
    }

    private static string Drawn(SiteSnapshot now, SiteSnapshot? before, int selected, string message)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 140;
        console.Write(new SiteScreen(TimeProvider.System).Draw(now, before, selected, message));
        return text.ToString();
    }

    private static SiteSnapshot Snapshot(long at, long turns) => new(
        at,
        new ClusterStatus
        {
            Generation = 1,
            Position = 9,
            Servers = [Server("s1", turns), Server("s2", 0) with { IsSelf = false, Status = "standby", Shards = 1 }],
            Shards = [new(0, "s1", true), new(1, "s1", true), new(2, "s2", false), new(3, null, null)],
            DeadLetters = 2,
        },
        [Letter("d1", "host/h1"), Letter("d2", "host/h2")], [], [], []);

    private static ServerView Server(string name, long turns) => new()
    {
        Name = name,
        Incarnation = name,
        Address = "127.0.0.1:1",
        Status = "serving",
        Since = Noon,
        IsSelf = true,
        Shards = 2,
        Stats = new ServerStats
        {
            Reason = "",
            Loaded = [0, 1],
            Turns = turns,
            Commits = turns,
            MailboxDepth = 3,
            LoadedActors = 7,
            EffectsRunning = 0,
            Agents = 2,
            Slow = [new SlowActorView($"host/of-{name}", "host.observe/1", name == "s1" ? 12.34 : 56.78, Noon)],
            Mailboxes = [new MailboxView($"site/of-{name}", name == "s1" ? 532 : 9)],
        },
    };

    private static DeadLetterView Letter(string id, string actor) => new(id, actor, null, "m/1", "me", "why", Noon);
}
