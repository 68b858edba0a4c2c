using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace VioActors.Daemon.Shell;

/// <summary>
/// The one place that runs system programs (ip, nsenter, qemu-img ...). Argument arrays only, bounded time, bounded
/// output, one exception type. Thread-safe.
/// </summary>
internal sealed class ProcessRunner(TimeProvider time)
{
    /// <summary>
    /// Characters kept of each output stream; the rest is read and dropped so that the program cannot block.
    /// </summary>
    public const int OutputLimit = 1 << 20;

    /// <summary>Runs a program to its end and returns its output; throws unless it exits with 0.</summary>
    /// <exception cref="ProcessFailedException">Not found, failed, or over its time.</exception>
    public async Task<string> RunAsync(ProcessCommand command, CancellationToken cancel = default)
    {
        var result = await TryAsync(command, cancel);
        return result.ExitCode == 0
            ? result.Output
            : throw new ProcessFailedException(command, result.ExitCode, result.Error);
    }

    /// <summary>Runs a program to its end whatever its exit code.</summary>
    /// <exception cref="ProcessFailedException">Not found, or over its time (it is killed then).</exception>
    public async Task<ProcessResult> TryAsync(ProcessCommand command, CancellationToken cancel = default)
    {
        using var process = Start(command);
        using var deadline = new CancellationTokenSource(command.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        try
        {
            var output = ReadAsync(process.StandardOutput, either.Token);
            var error = ReadAsync(process.StandardError, either.Token);
            await WriteAsync(process.StandardInput, command.Input, either.Token);
            await process.WaitForExitAsync(either.Token);
            return new ProcessResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ProcessFailedException(command, $"did not end within {command.Timeout.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process Start(ProcessCommand command)
    {
        var start = new ProcessStartInfo(command.FileName)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.WorkingDirectory ?? "",
        };
        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new ProcessFailedException(command, "could not be started");
        }
        catch (Win32Exception missing)
        {
            throw new ProcessFailedException(
                command, $"could not be started: {missing.Message}. Is the package of '{command.FileName}' installed?",
                missing);
        }
    }

    private static async Task WriteAsync(StreamWriter input, string text, CancellationToken cancel)
    {
        try
        {
            await input.WriteAsync(text.AsMemory(), cancel);
            input.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input; its exit code says whether that was right.
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancel)) > 0)
        {
            text.Append(buffer, 0, Math.Min(read, OutputLimit - text.Length));
        }

        return text.ToString();
    }
}
