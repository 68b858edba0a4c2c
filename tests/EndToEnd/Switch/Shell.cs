using System.Diagnostics;

namespace VioActors.EndToEnd.Switch;

/// <summary>Runs programs to their end, at most 30 s, with arguments as arrays.</summary>
internal static class Shell
{
    public static (int Code, string Output) Try(params string[] command)
    {
        var start = new ProcessStartInfo(
            command[0])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in command[1..])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(30_000))
        {
            process.Kill();
            process.WaitForExit();
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
    }

    public static string Run(params string[] command)
    {
        (int code, string output) = Try(command);
        return code == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {output}");
    }

    public static string In(string networkNamespace, params string[] command) =>
        Run(["ip", "netns", "exec", networkNamespace, .. command]);

    public static (int Code, string Output) TryIn(string networkNamespace, params string[] command) =>
        Try(["ip", "netns", "exec", networkNamespace, .. command]);
}
