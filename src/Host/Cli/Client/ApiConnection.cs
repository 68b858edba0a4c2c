using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Sends requests to one server. A call that changes something carries one idempotency key over all its retries, so a
/// retry
/// after a lost answer does not do it twice. Thread-safe; owns its HTTP client.
/// </summary>
internal sealed class ApiConnection : IDisposable
{
    private readonly HttpClient _http;
    private readonly ServerAddress _address;
    private readonly RetryPolicy _retry;
    private readonly TimeProvider _time;

    /// <summary>Connects lazily to <paramref name="address"/>.</summary>
    public ApiConnection(ServerAddress address, RetryPolicy retry, TimeProvider time)
    {
        (_address, _retry, _time) = (address, retry, time);
        _http = new HttpClient(ApiHandler.Create(address, time))
        {
            BaseAddress = ApiHandler.BaseAddress(address),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (address.Token is { } token)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Time for one answer, head and body, unless a call says otherwise.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(120);

    /// <summary>Reads something.</summary>
    public Task<T> GetAsync<T>(string path, CancellationToken cancel) =>
        SendAsync<T>(HttpMethod.Get, path, () => null, cancel);

    /// <summary>Changes something; <paramref name="body"/> becomes JSON, null sends none.</summary>
    public Task<T> ChangeAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancel, TimeSpan? answerTime = null)
    {
        HttpContent? Content() => body is null ? null : JsonContent.Create(body, body.GetType(), null, Wire.Json);
        return SendAsync<T>(method, path, Content, cancel, answerTime);
    }

    /// <summary>Sends a request, again when that is safe and useful, and reads the JSON answer.</summary>
    /// <param name="method">The verb; all but GET and HEAD carry an idempotency key.</param>
    /// <param name="path">Below <c>/api/v1/</c>, escaped.</param>
    /// <param name="content">Makes the body anew for every attempt.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="answerTime">Longest time of one attempt; default <see cref="AnswerTime"/>.</param>
    /// <exception cref="RefusedException">The server answered with a problem.</exception>
    /// <exception cref="NotReachableException">No attempt got an answer.</exception>
    public async Task<T> SendAsync<T>(
        HttpMethod method, string path, Func<HttpContent?> content, CancellationToken cancel,
        TimeSpan? answerTime = null)
    {
        var key = method == HttpMethod.Get || method == HttpMethod.Head ? null : Guid.NewGuid().ToString("N");
        for (var attempt = 1; ; attempt++)
        {
            var last = attempt >= _retry.Attempts;
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = content() };
                if (key is not null) request.Headers.Add("Idempotency-Key", key);
                using var deadline = new CancellationTokenSource(answerTime ?? AnswerTime, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
                using var response = await _http.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, either.Token);
                if (response.IsSuccessStatusCode) return await ReadAsync<T>(response, either.Token);
                if (last || !IsBusy(response.StatusCode)) throw await RefusalAsync(response, either.Token);
                await Task.Delay(_retry.DelayAfter(attempt, response.Headers.RetryAfter?.Delta), _time, cancel);
            }
            catch (Exception lost) when (IsLost(lost, cancel))
            {
                if (last) throw new NotReachableException(_address, lost);
                await Task.Delay(_retry.DelayAfter(attempt), _time, cancel);
            }
        }
    }

    /// <summary>Opens an answer that streams. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode) return response;
            using (response) throw await RefusalAsync(response, cancel);
        }
        catch (Exception lost) when (IsLost(lost, cancel))
        {
            throw new NotReachableException(_address, lost);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsBusy(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;

    private static bool IsLost(Exception exception, CancellationToken cancel) =>
        !cancel.IsCancellationRequested
        && exception is HttpRequestException or IOException or SocketException or OperationCanceledException;

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancel)
    {
        if (typeof(T) == typeof(Nothing)) return (T)(object)Nothing.Value;
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Wire.Json, cancel) ?? throw new JsonException("null");
        }
        catch (JsonException bad)
        {
            throw new RefusedException(
                response.StatusCode,
                new Problem("bad-answer", $"The server's answer is not what this version expects: {bad.Message}",
                    "Do 'vio' and the server have the same version?"));
        }
    }

    private static async Task<RefusedException> RefusalAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        Problem? problem = null;
        try
        {
            problem = await response.Content.ReadFromJsonAsync<Problem>(Wire.Json, cancel);
        }
        catch (Exception bad) when (bad is JsonException or NotSupportedException or InvalidOperationException)
        {
            // Not a problem document; the status alone is told.
        }

        return new RefusedException(
            response.StatusCode, problem is { Reason: not null } ? problem : ByStatus(response));
    }

    private static Problem ByStatus(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => new Problem(
            "unauthorized", "The server does not know who asks.",
            "Put a token into VIO_TOKEN, or ask as root on its machine."),
        HttpStatusCode.Forbidden => new Problem(
            FailureCode.Forbidden, "Your role does not allow this.", "Ask an administrator of the site."),
        HttpStatusCode.NotFound => new Problem(
            FailureCode.NotFound, $"There is no '{response.RequestMessage?.RequestUri?.AbsolutePath}'.",
            "Check the name."),
        _ => new Problem(
            "http-" + (int)response.StatusCode,
            $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}.",
            "See the server's log."),
    };
}

/// <summary>The type of an answer whose body does not matter.</summary>
internal sealed class Nothing
{
    /// <summary>The only one.</summary>
    public static readonly Nothing Value = new();

    private Nothing()
    {
    }
}
