using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Reads the journal as server-sent events. After a lost connection it goes on behind the last event it gave, so none
/// is
/// missed or doubled; it gives up, by ending or with an error, when
/// <see cref="MostFailures"/> connections in a row brought nothing.
/// </summary>
internal sealed class EventReader(ApiConnection connection)
{
    private const int MostFailures = 20;
    private const int LongestEvent = 1 << 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Events behind <paramref name="after"/>, for ever, until cancelled.</summary>
    /// <exception cref="NotReachableException">The server stayed away.</exception>
    public async IAsyncEnumerable<EventView> ReadAsync(
        long after, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var failures = 0; failures <= MostFailures; failures++)
        {
            HttpResponseMessage? response = null;
            try
            {
                response = await OpenAsync(after, cancel);
            }
            catch (NotReachableException) when (after > 0 && failures < MostFailures)
            {
                await Task.Delay(Pause, time, cancel);
            }

            if (response is null) continue;
            using (response)
            {
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
                while (await NextAsync(reader, cancel) is { } next)
                {
                    if (next.Position <= after) continue;
                    after = next.Position;
                    failures = 0;
                    yield return next;
                }
            }

            await Task.Delay(Pause, time, cancel);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(long after, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"events?after={after}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (after > 0) request.Headers.Add("Last-Event-ID", after.ToString(CultureInfo.InvariantCulture));
        return await connection.OpenAsync(request, cancel);
    }

    /// <summary>The next event with data; null when the connection ended.</summary>
    private static async Task<EventView?> NextAsync(StreamReader reader, CancellationToken cancel)
    {
        var data = new StringBuilder();
        while (await LineAsync(reader, cancel) is { } line)
        {
            if (line.Length == 0 && data.Length > 0)
                return JsonSerializer.Deserialize<EventView>(data.ToString(), Wire.Json);
            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            if (data.Length + line.Length > LongestEvent)
                throw new InvalidDataException($"The server sent an event of more than {LongestEvent} characters.");
            data.Append(line.AsSpan(line.AsSpan(5).StartsWith(" ") ? 6 : 5)).Append('\n');
        }

        return null;
    }

    private static async Task<string?> LineAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
