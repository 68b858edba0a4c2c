using System.Formats.Tar;
using System.IO.Compression;

namespace VioActors.Simulation.DataCenter;

/// <summary>
/// Reads a folder of trace files, or a .tar.gz of one, in ordinal order of file names: each file is one machine, each
/// of its 288 lines a whole per cent.
/// </summary>
public static class TraceFiles
{
    /// <summary>The longest file that is read, in bytes.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>Reads one day.</summary>
    /// <exception cref="InvalidDataException">Nothing there, or a wrong line: file and line are named.</exception>
    public static IReadOnlyList<CpuTrace> Read(string path) =>
        ReadRows(path, 1).Select(rows => new CpuTrace(rows[0])).ToList();

    /// <summary>Reads files with one or more columns: for each file the samples of each column, as shares.</summary>
    /// <param name="path">The folder or archive.</param>
    /// <param name="columns">How many numbers a line has.</param>
    /// <param name="mostPercent">The largest number that is accepted; more than 100 is more than was booked.</param>
    /// <exception cref="InvalidDataException">Nothing there, or a wrong line: file and line are named.</exception>
    public static IReadOnlyList<double[][]> ReadRows(string path, int columns, double mostPercent = 100)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in Directory.Exists(path) ? OfFolder(path) : OfArchive(path))
        {
            files[name] = text;
            if (files.Count > DataCenterRun.MostVms)
                throw new InvalidDataException($"{path} has more than {DataCenterRun.MostVms} files.");
        }

        if (files.Count == 0) throw new InvalidDataException($"{path} has no trace files.");
        return [.. files.Select(file => Parse(file.Key, file.Value, columns, mostPercent))];
    }

    /// <summary>Parses one file.</summary>
    internal static double[][] Parse(string name, string text, int columns, double mostPercent)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        var count = lines.Length > 0 && lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        if (count != CpuTrace.Length)
            throw new InvalidDataException($"{name}, line {Math.Min(count, CpuTrace.Length) + 1}: "
                + $"a trace has {CpuTrace.Length} lines, this file {count}.");
        var rows = Enumerable.Range(0, columns).Select(_ => new double[CpuTrace.Length]).ToArray();
        for (var line = 0; line < count; line++)
        {
            var words = lines[line].Split([' ', '\t', ',', ';'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != columns)
                throw new InvalidDataException($"{name}, line {line + 1}: {columns} numbers are expected.");
            for (var column = 0; column < columns; column++)
            {
                if (!double.TryParse(words[column], out var value) || !(value >= 0 && value <= mostPercent))
                    throw new InvalidDataException(
                        $"{name}, line {line + 1}: '{words[column]}' is not a per cent of 0 to {mostPercent}.");
                rows[column][line] = value / 100;
            }
        }

        return rows;
    }

    private static IEnumerable<(string Name, string Text)> OfFolder(string path)
    {
        foreach (var file in Directory.EnumerateFiles(path))
        {
            using var stream = File.OpenRead(file);
            yield return (Path.GetFileName(file), Text(file, stream));
        }
    }

    private static IEnumerable<(string Name, string Text)> OfArchive(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist; give a folder or a .tar.gz.");
        using var file = File.OpenRead(path);
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(zip);
        while (tar.GetNextEntry() is { } entry)
            if (entry.DataStream is { } data) yield return (Path.GetFileName(entry.Name), Text(entry.Name, data));
    }

    private static string Text(string name, Stream stream)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[8192];
        for (int read; (read = stream.Read(buffer)) > 0; kept.Write(buffer, 0, read))
            if (kept.Length + read > MostBytes)
                throw new InvalidDataException($"{name} is longer than {MostBytes} bytes, so that it is no trace.");
        return System.Text.Encoding.UTF8.GetString(kept.ToArray());
    }
}
