using System.Text.Json.Nodes;
using Spectre.Console;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>What a run ends with: a table, or one line of JSON.</summary>
internal sealed class DemoReport(Output output, DemoOptions options)
{
    /// <summary>Shows it.</summary>
    public void Show(IDemoSite? site, DemoContext? demo, string? failure, TimeSpan took)
    {
        var figures = demo?.Figures ?? new DemoFigures();
        var hypervisor = site?.Hypervisor ?? (options.Simulated ? "sim" : "qemu");
        var notes = demo?.Notes ?? [];
        if (options.Json)
        {
            foreach (var (what, seen) in notes) output.Note($"{what}: {seen}");
            if (failure is not null) output.Note(failure);
            output.Line(ToJson(hypervisor, figures, failure));
            return;
        }

        var rows = DemoFigures.Names
            .Select(known => (What: $"{known.Name}: {known.Meaning}", Seen: figures[known.Name]?.ToString() ?? "-"))
            .Concat(notes.Select(note => (What: note.What, Seen: note.Seen)));
        output.Result(rows.ToList(), all => Tables.Of(all, ("FIGURE", row => row.What), ("VALUE", row => row.Seen)));
        output.Note(failure is null
            ? $"All steps held on {hypervisor}, in {took.TotalSeconds:0} s."
            : $"Failed on {hypervisor} after {took.TotalSeconds:0} s: {failure}");
    }

    /// <summary>The last line of JSON.</summary>
    internal static JsonObject ToJson(string hypervisor, DemoFigures figures, string? failure)
    {
        var line = new JsonObject
        {
            ["result"] = failure is null ? "ok" : "failed",
            ["hypervisor"] = hypervisor,
            ["figures"] = figures.ToJson(),
        };
        if (failure is not null) line["reason"] = failure;
        return line;
    }
}
