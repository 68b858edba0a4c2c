using Spectre.Console;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Shows the steps: bars that move on a terminal, else a line per change. Always on standard error.</summary>
internal sealed class DemoView(Output output)
{
    /// <summary>Runs <paramref name="body"/> with one view per title.</summary>
    public async Task RunAsync(IReadOnlyList<string> titles, Func<IReadOnlyList<IStepView>, Task> body)
    {
        if (!output.IsLive)
        {
            await body(
                [.. titles.Select((title, number) => new PlainStep(output, $"[{number}/{titles.Count - 1}] {title}"))]);
            return;
        }

        await output.Live().Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new ElapsedTimeColumn())
            .StartAsync(context => body(
                [.. titles.Select((title, number) =>
                    new LiveStep(context.AddTask(title, autoStart: false, maxValue: 1), title, number))]));
    }

    private sealed class PlainStep(Output output, string title) : IStepView
    {
        private string _shown = "";

        public void At(double done, string text)
        {
            if (text == _shown) return;
            output.Note($"{title}: {Tables.Clean(text)}");
            _shown = text;
        }

        public void End(bool held, string result) =>
            output.Note($"{title}: {(held ? "held" : "FAILED")}: {Tables.Clean(result)}");
    }

    private sealed class LiveStep(ProgressTask bar, string title, int number) : IStepView
    {
        public void At(double done, string text)
        {
            if (!bar.IsStarted) bar.StartTask();
            bar.Value = Math.Max(bar.Value, done);
            bar.Description = Line("grey", text);
        }

        public void End(bool held, string result)
        {
            if (!bar.IsStarted) bar.StartTask();
            if (held) bar.Value = 1;
            bar.Description = Line(held ? "green" : "red", (held ? "" : "FAILED: ") + result);
            bar.StopTask();
        }

        private string Line(string colour, string text)
        {
            const int most = 90;
            var shown = Tables.Clean(text).ReplaceLineEndings(" ");
            return $"{number} {title,-22} [{colour}]{Markup.Escape(shown.Length > most ? shown[..most] : shown)}[/]";
        }
    }
}
