using VioActors.Simulation.DataCenter;

namespace VioActors.Simulation.Tests.DataCenter;

public sealed class TraceFilesTests
{
    [Fact]
    public void Files_are_read_in_ordinal_order()
    {
        using var folder = new Folder();
        folder.Write("b", Lines("7"));
        folder.Write("B", Lines("3"));
        Assert.Equal([0.03, 0.07], TraceFiles.Read(folder.Path).Select(trace => trace.Samples[0]));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("-1")]
    [InlineData("101")]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("1 2")]
    public void A_wrong_line_is_named(string wrong)
    {
        using var folder = new Folder();
        var lines = Lines("5").Split('\n');
        lines[41] = wrong;
        folder.Write("host_a", string.Join('\n', lines));
        var failed = Assert.Throws<InvalidDataException>(() => TraceFiles.Read(folder.Path));
        Assert.Contains("host_a, line 42", failed.Message);
    }

    [Fact]
    public void A_short_file_an_empty_folder_and_no_folder_are_refused()
    {
        using var folder = new Folder();
        Assert.Contains("no trace files", Refusal(folder.Path));
        folder.Write("short", "1\n2\n");
        Assert.Contains("short, line 3", Refusal(folder.Path));
        Assert.Contains("does not exist", Refusal(Path.Combine(folder.Path, "missing")));
    }

    private static string Refusal(string path) =>
        Assert.Throws<InvalidDataException>(() => TraceFiles.Read(path)).Message;

    private static string Lines(string value) => string.Concat(Enumerable.Repeat(value + "\n", CpuTrace.Length));

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("traces").FullName;

        public void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
