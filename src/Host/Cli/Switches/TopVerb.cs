using System.CommandLine;
using Spectre.Console;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary><c>vio switch top</c>: who sends how much now.</summary>
internal static class TopVerb
{
    private const int MostRows = 24;

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var machine = SwitchSources.HostOf(host);
        var interval = new Option<TimeSpan>("--interval", "-i")
        {
            Description = "Time between two looks, 100ms to 1m.",
            HelpName = "time",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(1),
            CustomParser = OptionRules.Read(Interval),
        };
        var count = new Option<int?>("--count", "-c")
        {
            Description = "End after so many tables. Default: until Ctrl-C on a terminal, else 1.",
        };
        count.InRange(1, 1_000_000);
        return CliSession.Action(
            new Command("top", "Shows rates of ports, tunnels and pairs of nodes, the busiest first.")
            {
                machine, SwitchSources.Socket, interval, count,
            },
            host,
            async session =>
            {
                var switches = await SwitchSources.AllAsync(session, session.Parse.GetValue(machine));
                try
                {
                    await RunAsync(session, switches, session.Parse.GetValue(interval), session.Parse.GetValue(count));
                }
                catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
                {
                    // Ctrl-C is how it ends.
                }
                finally
                {
                    foreach (var one in switches) await one.DisposeAsync();
                }

                return ExitCode.Done;
            });
    }

    private static async Task RunAsync(
        CliSession session, IReadOnlyList<ISwitchView> switches, TimeSpan interval, int? count)
    {
        var time = session.Host.Time;
        var names = await SwitchSources.NamesAsync(session, switches);
        var live = count is null && !session.Out.IsJson && session.Out.IsLive && session.Host.OutWidth is not null;
        var (then, at) = (await SwitchSources.StatusesAsync(session, switches), time.GetTimestamp());
        async Task<IReadOnlyList<SwitchRate>> NextAsync()
        {
            await Task.Delay(interval, time, session.Cancel);
            var (now, when) = (await SwitchSources.StatusesAsync(session, switches), time.GetTimestamp());
            var rates = SwitchRates.Between(then, now, time.GetElapsedTime(at, when).TotalSeconds, names);
            (then, at) = (now, when);
            return rates;
        }

        if (!live)
        {
            for (var left = count ?? (session.Out.IsJson && session.Host.OutWidth is not null ? int.MaxValue : 1);
                left > 0; left--)
                session.Out.Result(await NextAsync(), Table);
            return;
        }

        await session.Out.Live().Live(new Text("measuring...")).AutoClear(true).StartAsync(async context =>
        {
            while (session.Host.Key?.Invoke() is not (ConsoleKey.Q or ConsoleKey.Escape))
                context.UpdateTarget(new Rows(Table((await NextAsync()).Take(MostRows)), new Text("q or Ctrl-C ends")));
        });
    }

    private static Table Table(IEnumerable<SwitchRate> rates) => Tables.Of(
        rates,
        ("KIND", one => one.Kind), ("NAME", one => one.Name), ("ENV", one => one.Environment),
        ("HOST", one => one.Host), ("IN/s", one => $"{one.FramesIn:0}"), ("BIT/s IN", one => Units.Bits(one.BitsIn)),
        ("OUT/s", one => $"{one.FramesOut:0}"), ("BIT/s OUT", one => Units.Bits(one.BitsOut)),
        ("DROPS/s", one => $"{one.Drops:0}"));

    private static TimeSpan Interval(string text)
    {
        var time = Units.Time(text);
        return time.TotalMilliseconds is >= 100 and <= 60_000
            ? time
            : throw new FormatException($"--interval {text} is out of range: 100ms to 1m is allowed.");
    }
}
