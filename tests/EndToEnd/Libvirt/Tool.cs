using System.Diagnostics;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>Runs one tool to its end: arguments as an array, bounded, its error text in the failure.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    internal static async Task<string> RunAsync(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
        return await output;
    }

    /// <summary>Asks until the answer is yes; the failure says what was waited for.</summary>
    internal static Task UntilAsync(string what, Func<Task<bool>> holds, int seconds = 60) =>
        UntilAsync(() => what, holds, seconds);

    /// <summary>The same, with words made when it failed, so that they can say what was seen last.</summary>
    internal static async Task UntilAsync(Func<string> what, Func<Task<bool>> holds, int seconds = 60)
    {
        var end = TimeProvider.System.GetTimestamp() + (seconds * TimeProvider.System.TimestampFrequency);
        while (!await holds())
        {
            if (TimeProvider.System.GetTimestamp() > end)
                throw new TimeoutException($"Not within {seconds} s: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
